#include "targets/raft/shell/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "lib/model/node_event.h"
#include "lib/os/clock.h"

namespace fracas::raft {
namespace {

model::NodeEventType type_of(Event::Type type) {
  switch (type) {
    case Event::Type::start:
      return model::NodeEventType::start;
    case Event::Type::role:
      return model::NodeEventType::role;
    case Event::Type::vote:
      return model::NodeEventType::vote;
    case Event::Type::append:
      return model::NodeEventType::append;
    case Event::Type::truncate:
      return model::NodeEventType::truncate;
    case Event::Type::commit:
      return model::NodeEventType::commit;
    case Event::Type::apply:
      return model::NodeEventType::apply;
    case Event::Type::snapshot:
      return model::NodeEventType::snapshot;
  }
  return model::NodeEventType::start;
}

model::Role role_of(Role role) {
  switch (role) {
    case Role::follower:
      return model::Role::follower;
    case Role::pre_candidate:
      return model::Role::pre_candidate;
    case Role::candidate:
      return model::Role::candidate;
    case Role::leader:
      return model::Role::leader;
  }
  return model::Role::follower;
}

}  // namespace

Result<EventFile> EventFile::open(const std::filesystem::path& path, std::string node) {
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file) return system_failure("open " + path.string());
  return EventFile(std::move(file), std::move(node));
}

void EventFile::add(const Event& event) {
  model::NodeEvent line;
  line.time_ns = os::boot_now_ns();
  line.node = node_;
  line.type = type_of(event.type);
  line.term = event.term.value();
  line.role = role_of(event.role);
  line.peer = event.peer.value();
  line.index = event.index;
  line.entry_term = event.entry_term.value();
  line.hash = event.hash;
  pending_ += model::to_json_line(line);
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
