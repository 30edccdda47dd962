#pragma once
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

// What a Raft node says of itself while it runs, for the checker's Raft invariants. One JSON object a line in
// `nodes/NAME/events.jsonl`, written before the effect becomes visible to any other node:
//   {"time":81,"node":"n1","event":"role","term":4,"role":"leader"}
//   {"time":82,"node":"n1","event":"append","term":4,"index":9,"entry_term":4,"hash":1234}
// Source of the invariants: Ongaro, "Consensus: Bridging Theory and Practice", figure 3.2.
namespace fracas::model {

enum class NodeEventType : std::uint8_t {
  start,     // the process started and has recovered its disk: term, index = last log index
  role,      // became `role` in `term`
  vote,      // granted its vote in `term` to `peer` (itself when it campaigns)
  append,    // the entry at `index` with `entry_term` is on its disk; `hash` is the chain hash of the log up to it
  truncate,  // dropped the entries from `index` on
  commit,    // knows that everything up to `index` is committed
  apply,     // applied the entry at `index`; `hash` is the hash of the state machine after it
  snapshot,  // the log up to `index` was replaced by a snapshot; `hash` as for apply
};

enum class Role : std::uint8_t { follower, pre_candidate, candidate, leader };

struct NodeEvent {
  std::int64_t time_ns = 0;  // CLOCK_BOOTTIME, nanoseconds
  std::string node;
  NodeEventType type = NodeEventType::start;
  std::uint64_t term = 0;  // the node's current term
  Role role = Role::follower;
  std::string peer;              // vote only
  std::uint64_t index = 0;       // log index, from 1
  std::uint64_t entry_term = 0;  // append only: the term of the entry; 0 = not recorded, nor its hash
  std::uint64_t hash = 0;        // append: log chain hash; apply, snapshot: state hash

  bool operator==(const NodeEvent&) const = default;
};

std::string_view name(NodeEventType type);
std::string_view name(Role role);

std::string to_json_line(const NodeEvent& event);
// ERRORS: what is wrong with the line, without its number. Unknown members are ignored.
Result<NodeEvent> parse_node_event(std::string_view line);
// A torn last line, as SIGKILL leaves it, is ignored. ERRORS: "line N: what".
Result<std::vector<NodeEvent>> read_node_events(std::istream& in);

}  // namespace fracas::model
