#include "controller/report/node_lanes.h"

#include <algorithm>
#include <array>

namespace fracas::controller {
namespace {

constexpr std::array<std::string_view, kNodeStateCount> kStates{"follower", "pre-candidate", "candidate",
                                                                "leader",   "down",          "paused"};

NodeState state_of(model::Role role) {
  switch (role) {
    case model::Role::follower:
      return NodeState::follower;
    case model::Role::pre_candidate:
      return NodeState::pre_candidate;
    case model::Role::candidate:
      return NodeState::candidate;
    case model::Role::leader:
      return NodeState::leader;
  }
  return NodeState::follower;
}

// From `time_ns` on the node is in `state`.
struct Change {
  std::int64_t time_ns = 0;
  NodeState state = NodeState::follower;
  std::uint64_t term = 0;
};

// Keeps what changes the picture: starts, roles, and any event that shows a newer term.
std::vector<Change> changes_of(std::string_view node, std::span<const model::NodeEvent> events) {
  std::vector<const model::NodeEvent*> own;
  for (const model::NodeEvent& event : events)
    if (event.node == node) own.push_back(&event);
  std::stable_sort(own.begin(), own.end(), [](const auto* a, const auto* b) { return a->time_ns < b->time_ns; });

  std::vector<Change> changes;
  for (const model::NodeEvent* event : own) {
    if (event->type == model::NodeEventType::start)
      changes.push_back({event->time_ns, NodeState::follower, event->term});
    else if (event->type == model::NodeEventType::role)
      changes.push_back({event->time_ns, state_of(event->role), event->term});
    else if (!changes.empty() && event->term > changes.back().term)
      changes.push_back({event->time_ns, changes.back().state, event->term});
  }
  return changes;
}

// When `kind` struck `node`, as [start, end) of each occurrence that affected it.
std::vector<LaneSegment> strikes(std::string_view node, std::span<const model::FaultWindow> faults,
                                 std::string_view kind, NodeState state) {
  std::vector<LaneSegment> all;
  for (const model::FaultWindow& fault : faults) {
    if (fault.kind != kind) continue;
    for (const model::HostEffect& effect : fault.effects) {
      if (effect.host != node || effect.counters.affected == 0) continue;
      const std::int64_t start = effect.counters.first_ns > 0 ? effect.counters.first_ns : fault.start_ns;
      all.push_back({start, std::max(start, fault.end_ns), state, 0});
    }
  }
  return all;
}

// Inserts a kill: nothing the node said before it lasts, until the next change (which is its new start).
void strike_down(std::vector<Change>& changes, const LaneSegment& kill) {
  const auto after = std::find_if(changes.begin(), changes.end(),
                                  [&](const Change& change) { return change.time_ns > kill.start_ns; });
  const std::uint64_t term = after == changes.begin() ? 0 : std::prev(after)->term;
  changes.insert(after, Change{kill.start_ns, NodeState::down, term});
}

void append(std::vector<LaneSegment>& segments, LaneSegment segment) {
  if (segment.end_ns <= segment.start_ns) return;
  if (!segments.empty()) {
    LaneSegment& last = segments.back();
    if (last.end_ns == segment.start_ns && last.state == segment.state && last.term == segment.term) {
      last.end_ns = segment.end_ns;
      return;
    }
  }
  segments.push_back(segment);
}

// Covers the part of `segments` inside `pause` with a paused one: a frozen leader leads nobody.
std::vector<LaneSegment> overlay(const std::vector<LaneSegment>& segments, const LaneSegment& pause) {
  std::vector<LaneSegment> result;
  for (const LaneSegment& segment : segments) {
    const std::int64_t from = std::clamp(pause.start_ns, segment.start_ns, segment.end_ns);
    const std::int64_t to = std::clamp(pause.end_ns, segment.start_ns, segment.end_ns);
    append(result, {segment.start_ns, from, segment.state, segment.term});
    const NodeState covered = segment.state == NodeState::down ? NodeState::down : NodeState::paused;
    append(result, {from, to, covered, segment.term});
    append(result, {to, segment.end_ns, segment.state, segment.term});
  }
  return result;
}

NodeLane build_lane(const std::string& node, std::span<const model::NodeEvent> events,
                    std::span<const model::FaultWindow> faults, std::int64_t end_ns) {
  std::vector<Change> changes = changes_of(node, events);
  for (const LaneSegment& kill : strikes(node, faults, "process.kill", NodeState::down)) strike_down(changes, kill);

  NodeLane lane{node, {}};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const std::int64_t until = i + 1 < changes.size() ? changes[i + 1].time_ns : std::max(end_ns, changes[i].time_ns);
    append(lane.segments, {changes[i].time_ns, until, changes[i].state, changes[i].term});
  }
  for (const LaneSegment& pause : strikes(node, faults, "process.pause", NodeState::paused)) {
    if (lane.segments.empty()) lane.segments.push_back(pause);
    lane.segments = overlay(lane.segments, pause);
  }
  return lane;
}

}  // namespace

std::string_view name(NodeState state) {
  return kStates[static_cast<std::size_t>(state)];
}

std::vector<NodeLane> build_lanes(std::span<const std::string> hosts, std::span<const model::NodeEvent> events,
                                  std::span<const model::FaultWindow> faults, std::int64_t end_ns) {
  std::vector<std::string> nodes(hosts.begin(), hosts.end());
  for (const model::NodeEvent& event : events)
    if (std::find(nodes.begin(), nodes.end(), event.node) == nodes.end()) nodes.push_back(event.node);

  std::vector<NodeLane> lanes;
  for (const std::string& node : nodes) {
    NodeLane lane = build_lane(node, events, faults, end_ns);
    if (!lane.segments.empty()) lanes.push_back(std::move(lane));
  }
  return lanes;
}

}  // namespace fracas::controller
