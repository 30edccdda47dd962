#include "controller/run/role_history.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

using model::NodeEventType;

namespace {

bool asks_for_more(const std::string& text, const model::HostCounts& hosts) {
  if (text.empty()) return false;
  const auto selection = model::parse_selection(text, hosts);
  return selection && (selection->needs_old_leader() || selection->needs_progress());
}

bool waits_for_roles(const model::FaultSpec& fault) {
  if (!fault.has_when()) return false;
  const auto event = model::parse_run_event(fault.when().event());
  return event && (event->kind == model::RunEventKind::leader_elected ||
                   event->kind == model::RunEventKind::leader_lost || event->kind == model::RunEventKind::role_changed);
}

}  // namespace

bool follows_roles(const model::Experiment& experiment) {
  const model::HostCounts hosts = model::host_counts(experiment);
  return std::any_of(experiment.fault().begin(), experiment.fault().end(), [&hosts](const model::FaultSpec& fault) {
    const std::string* peers = model::peers_of(fault);
    return waits_for_roles(fault) || asks_for_more(fault.on(), hosts) ||
           (peers != nullptr && asks_for_more(*peers, hosts));
  });
}

using model::RunEvent;
using model::RunEventKind;

std::optional<Happening> RoleHistory::follow(const model::NodeEvent& event) {
  const bool commits = event.type == NodeEventType::commit || event.type == NodeEventType::apply ||
                       event.type == NodeEventType::snapshot;
  if (commits) {
    std::uint64_t& index = committed_[event.node];
    index = std::max(index, event.index);
  }
  if (event.type == NodeEventType::start) role_[event.node] = model::Role::follower;
  if (event.type != NodeEventType::role) return std::nullopt;
  const auto known = role_.find(event.node);
  const bool same = known != role_.end() && known->second == event.role;
  role_[event.node] = event.role;
  if (same) return std::nullopt;
  return Happening{.event = RunEvent{.kind = RunEventKind::role_changed},
                   .time_ns = event.time_ns,
                   .detail = fmt::format("{} became {} in term {}", event.node, model::name(event.role), event.term)};
}

std::vector<Happening> RoleHistory::lead(const std::string& leader, std::int64_t time_ns) {
  std::vector<Happening> changes;
  if (leader == leader_) return changes;
  if (!leader_.empty())
    changes.push_back({.event = RunEvent{.kind = RunEventKind::leader_lost},
                       .time_ns = time_ns,
                       .detail = leader_ + " leads no longer"});
  if (!leader.empty()) {
    changes.push_back(
        {.event = RunEvent{.kind = RunEventKind::leader_elected}, .time_ns = time_ns, .detail = leader + " leads"});
    if (led_.empty() || led_.back() != leader) led_.push_back(leader);
  }
  leader_ = leader;
  return changes;
}

Roles RoleHistory::roles() const {
  Roles roles{.leader = leader_};
  for (const std::string& each : led_)
    if (each != leader_) roles.old_leader = each;
  // Before anything is committed nobody lags.
  if (committed_.empty()) return roles;
  const auto index_of = [this](const std::string& node) {
    const auto found = committed_.find(node);
    return found == committed_.end() ? 0 : found->second;
  };
  roles.most_lagging = *std::min_element(nodes_.begin(), nodes_.end(), [&](const std::string& a, const std::string& b) {
    return index_of(a) < index_of(b);
  });
  return roles;
}

}  // namespace fracas::controller
