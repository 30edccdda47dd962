#include "controller/serve/event_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "lib/base/log.h"

namespace fracas::controller {
namespace {

constexpr auto kHeartbeat = std::chrono::seconds(15);
constexpr auto kPatience = std::chrono::seconds(1);
constexpr std::size_t kPieceBytes = 64U << 10U;

// Of a line that begins {"type":"ops", …
std::string_view type_of(std::string_view line) {
  constexpr std::string_view kPrefix = R"({"type":")";
  if (!line.starts_with(kPrefix)) return "message";
  line.remove_prefix(kPrefix.size());
  return line.substr(0, line.find('"'));
}

std::string without_plan(const std::string& line) {
  auto event = nlohmann::ordered_json::parse(line, nullptr, false);
  if (!event.is_object()) return line;
  event["plan"] = nlohmann::json::array();
  event["name"] = "";
  return event.dump();
}

// Reads whole lines of a file that may grow.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& path) : in_(path, std::ios::binary) {}

  bool next(std::string& line) {
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(read_));
    if (!std::getline(in_, line) || in_.eof()) return false;  // a line without its end is not written yet
    read_ += line.size() + 1;
    return true;
  }
  std::uint64_t read() const { return read_; }

 private:
  std::ifstream in_;
  std::uint64_t read_ = 0;
};

// SIGKILL may have cut off a line in its midst; it tells nothing, and must not be the beginning of the next.
void drop_torn_line(const std::filesystem::path& path) {
  Lines lines(path);
  for (std::string line; lines.next(line);) {
  }
  std::error_code ignored;
  if (std::filesystem::file_size(path, ignored) > lines.read() && !ignored)
    std::filesystem::resize_file(path, lines.read(), ignored);
}

class Replay {
 public:
  explicit Replay(const ReplayOptions& options) : options_(options), lines_(options.path) {}

  bool next(std::string& piece) {
    for (bool waited = false;;) {
      const bool complete = !options_.log || options_.log->closed();  // asked before reading, so that nothing is missed
      if (take(piece, complete)) return true;
      if (complete) return false;
      if (waited) return true;  // nothing new, but whoever sends this may have to end
      waited = true;
      options_.log->wait_beyond(lines_.read(), kPatience);
      if (std::chrono::steady_clock::now() - last_ < kHeartbeat) continue;
      last_ = std::chrono::steady_clock::now();
      piece = ": still here\n\n";
      return true;
    }
  }

 private:
  bool take(std::string& piece, bool complete) {
    std::string line;
    while (piece.size() < kPieceBytes && lines_.next(line)) {
      if (++number_ <= options_.after) continue;
      const std::string_view type = type_of(line);
      const bool hides = options_.hide_faults && !complete;
      if (hides && (type == "fault" || type == "node")) continue;
      piece += fmt::format("id: {}\nevent: {}\ndata: {}\n\n", number_, type,
                           hides && type == "begin" ? without_plan(line) : line);
    }
    if (!piece.empty()) last_ = std::chrono::steady_clock::now();
    return !piece.empty();
  }

  ReplayOptions options_;
  Lines lines_;
  std::uint64_t number_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace

Result<std::shared_ptr<EventLog>> EventLog::open(const std::filesystem::path& path) {
  drop_torn_line(path);
  os::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!file) return system_failure(path.string());
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_failure(path.string());
  return std::shared_ptr<EventLog>(new EventLog(std::move(file), static_cast<std::uint64_t>(status.st_size)));
}

void EventLog::append(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  {
    const std::scoped_lock lock(mutex_);
    if (::write(file_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      log::error("{}", system_failure("writing a run's events").value().message);
    bytes_ += text.size();
  }
  bell_.notify_all();
}

void EventLog::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  bell_.notify_all();
}

bool EventLog::closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

void EventLog::wait_beyond(std::uint64_t bytes, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  bell_.wait_for(lock, timeout, [&] { return closed_ || bytes_ > bytes; });
}

Pieces event_stream(const ReplayOptions& options) {
  // Shared, because std::function copies what it holds.
  return [replay = std::make_shared<Replay>(options)](std::string& piece) { return replay->next(piece); };
}

std::uint64_t count_events(const std::filesystem::path& path) {
  Lines lines(path);
  std::uint64_t count = 0;
  for (std::string line; lines.next(line);) ++count;
  return count;
}

}  // namespace fracas::controller
