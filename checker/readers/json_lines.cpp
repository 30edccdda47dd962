#include "checker/readers/json_lines.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "checker/readers/event_intake.h"
#include "checker/history/json_scanner.h"
#include "checker/readers/text_place.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kReleaseStep = std::size_t{4} << 20;

enum class Member : std::uint8_t { time, process, type, function, key, value, node, error, other };

Member member_of(std::string_view name) {
  switch (name.size()) {
    case 1:
      return name[0] == 'f' ? Member::function : Member::other;
    case 3:
      return name == "key" ? Member::key : Member::other;
    case 4:
      if (name == "time") return Member::time;
      if (name == "type") return Member::type;
      return name == "node" ? Member::node : Member::other;
    case 5:
      if (name == "error") return Member::error;
      return name == "value" ? Member::value : Member::other;
    case 7:
      return name == "process" ? Member::process : Member::other;
    default:
      return Member::other;
  }
}

class Reader {
 public:
  Reader(const Text& text, const ReadOptions& options)
      : text_(text), options_(options), scan_(text.bytes), intake_(options) {}

  Result<Reading> read() {
    reserve();
    while (skip_blank_lines()) {
      const std::size_t line = scan_.at();
      EventFields event;
      if (!read_event(event)) return failure_at(text_, scan_.at(), scan_.problem());
      if (auto added = intake_.add(event); !added) return failure_in_line(text_, line, added.error().message);
      release();
    }
    return std::move(intake_).finish(Format::json_lines);
  }

 private:
  // By the length of the first lines; a guess too small only costs a move.
  void reserve() {
    const std::string_view sample = text_.bytes.substr(0, std::size_t{64} << 10);
    const auto lines = static_cast<std::size_t>(std::count(sample.begin(), sample.end(), '\n')) + 1;
    const std::size_t line_bytes = std::max<std::size_t>(sample.size() / lines, 16);
    intake_.reserve(text_.bytes.size() / line_bytes / 2 * 9 / 8 + 16);
  }

  bool skip_blank_lines() {
    while (scan_.peek() == '\n') scan_.skip_character();
    return scan_.at() < text_.bytes.size();
  }

  bool read_event(EventFields& event) {
    seen_ = 0;
    if (!scan_.expect('{')) return false;
    bool more = scan_.peek() != '}';
    while (more) {
      std::string_view name;
      if (!scan_.text(name, name_storage_) || !scan_.expect(':') || !read_member(member_of(name), event)) return false;
      more = scan_.peek() == ',';
      if (more) scan_.skip_character();
    }
    return scan_.expect('}') && (scan_.at() == text_.bytes.size() || scan_.peek() == '\0' || scan_.expect('\n'));
  }

  bool read_member(Member member, EventFields& event) {
    if (member == Member::other) return scan_.skip_value();
    const unsigned bit = 1U << static_cast<unsigned>(member);
    if ((seen_ & bit) != 0) return scan_.fail("the event has two members of this name");
    seen_ |= bit;
    switch (member) {
      case Member::time:
        if (scan_.null()) return true;
        return scan_.integer(event.time_ns.emplace());
      case Member::process:
        return scan_.name(event.process, storage_[0]);
      case Member::type:
        return scan_.name(event.type, storage_[1]);
      case Member::function:
        return scan_.name(event.function, storage_[2]);
      case Member::node:
        return scan_.name(event.node, storage_[3]);
      case Member::error:
        return read_error(event);
      case Member::key:
        return scan_.value(intake_.values(), event.key);
      default:
        return scan_.value(intake_.values(), event.value);
    }
  }

  // Other tools put lists and maps there; that it is not empty is all that matters of them.
  bool read_error(EventFields& event) {
    const char first = scan_.peek();
    if (first == '"' || first == 'n') return scan_.name(event.error, storage_[4]);
    event.error = "error";
    return scan_.skip_value();
  }

  void release() {
    if (!options_.consumed || scan_.at() - released_ < kReleaseStep) return;
    released_ = scan_.at();
    options_.consumed(released_);
  }

  const Text& text_;
  const ReadOptions& options_;
  JsonScanner scan_;
  EventIntake intake_;
  unsigned seen_ = 0;
  std::string name_storage_;
  std::array<std::string, 5> storage_;  // of members with escapes
  std::size_t released_ = 0;
};

}  // namespace

Result<Reading> read_json_lines(const Text& text, const ReadOptions& options) {
  return Reader(text, options).read();
}

}  // namespace fracas::checker
