#include "targets/raft/shell/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "lib/model/node_event.h"
#include "lib/os/clock.h"
#include "targets/raft/shell/event_record.h"

namespace fracas::raft {
Result<EventFile> EventFile::open(const std::filesystem::path& path, std::string node) {
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file) return system_failure("open " + path.string());
  return EventFile(std::move(file), std::move(node));
}

void EventFile::add(const Event& event) {
  pending_ += model::to_json_line(event_record(event, node_, os::boot_now_ns()));
  pending_ += '\n';
}

Status EventFile::flush() {
  std::string_view rest = pending_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("write node events");
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  pending_.clear();
  return {};
}

}  // namespace fracas::raft
