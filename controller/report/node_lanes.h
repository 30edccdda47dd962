#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/effect.h"
#include "lib/model/node_event.h"

// What each node was at each moment of a run: the role lanes of the report's time line.
namespace fracas::controller {

enum class NodeState : std::uint8_t { follower, pre_candidate, candidate, leader, down, paused };

inline constexpr std::size_t kNodeStateCount = 6;
// "follower", "pre-candidate", "candidate", "leader", "down", "paused".
std::string_view name(NodeState state);

// [start_ns, end_ns) of CLOCK_BOOTTIME; term 0 = not known.
struct LaneSegment {
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  NodeState state = NodeState::follower;
  std::uint64_t term = 0;

  bool operator==(const LaneSegment&) const = default;
};

struct NodeLane {
  std::string node;
  std::vector<LaneSegment> segments;  // in order, without overlap; gaps where nothing is known
};

// One lane a host, then one for each node that only its events name; nodes of which nothing is known have no lane.
// Roles come from the nodes' own events. A node is down from the moment a process.kill struck it until it says `start`
// again, and paused while a process.pause that affected it lasted. Events need not be sorted.
std::vector<NodeLane> build_lanes(std::span<const std::string> hosts, std::span<const model::NodeEvent> events,
                                  std::span<const model::FaultWindow> faults, std::int64_t end_ns);

}  // namespace fracas::controller
