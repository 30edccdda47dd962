#include "targets/raft/shell/event_record.h"

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

model::NodeEvent event_record(const Event& event, const std::string& node, std::int64_t time_ns) {
  model::NodeEvent line;
  line.time_ns = time_ns;
  line.node = node;
  line.type = type_of(event.type);
  line.term = event.term.value();
  line.role = role_of(event.role);
  line.peer = event.peer.value();
  line.index = event.index;
  line.entry_term = event.entry_term.value();
  line.hash = event.hash;
  return line;
}

}  // namespace fracas::raft
