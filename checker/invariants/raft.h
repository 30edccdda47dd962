#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/node_event.h"

// Raft's safety invariants over what the nodes said of themselves. Source: Ongaro, "Consensus: Bridging Theory and
// Practice" (2014), figure 3.2, and section 3.6.1 for the vote.
namespace fracas::checker {

enum class RaftInvariant : std::uint8_t {
  election_safety,       // at most one leader in a term
  vote_once,             // no node votes for two candidates in a term, restarts included
  leader_append_only,    // a leader never drops an entry of its log
  log_matching,          // an index and an entry term name one log prefix, everywhere and always
  committed_conflict,    // no two nodes know different entries as committed at an index
  leader_completeness,   // what was committed in a term is in the log of the leaders of all later terms
  committed_truncated,   // a committed entry is never dropped, nor missing after a restart
  state_machine_safety,  // after the same index all state machines are equal
  term_monotonic,        // a node's term never decreases, restarts included: it was not persisted
  commit_monotonic,      // a node's commit index never decreases while its process lives
  commit_in_log,         // no node knows as committed what is not in its log
  commit_quorum,         // what is known as committed is on the disks of a majority: it survives any minority's loss
};

std::string_view name(RaftInvariant invariant);

struct RaftViolation {
  RaftInvariant invariant{};
  std::string sentence;                  // names nodes, term and index
  std::vector<model::NodeEvent> events;  // the contradicting ones, earlier first
  std::int64_t time_ns = 0;              // of the event that broke it
};

struct RaftFindings {
  std::vector<RaftViolation> violations;          // in the order of time; at most kViolationsKept
  std::map<RaftInvariant, std::uint64_t> counts;  // of all, kept or not
  std::uint64_t events = 0;
  std::uint64_t elections = 0;  // leaders seen
  std::uint64_t term_max = 0;
  std::uint64_t committed_max = 0;  // highest index known as committed anywhere
  std::vector<std::string> notes;   // odd, but no violation: a node came back with fewer unacknowledged entries
};

inline constexpr std::size_t kViolationsKept = 100;

// One list of events a node, each in file order; between nodes they are merged by time, ties by the order given.
// O(events + committed entries). Two conventions: a log prefix replaced by a snapshot counts as present, and entries
// that a restarted node found on its disk without an event for them count as unknown and are never held against it, nor
// are those of an append without an entry term.
// `voters`: of how many nodes the cluster consists, which all told their events; 0 where that is not known, or where
// the nodes' clocks differ: then commit_quorum is not looked at.
RaftFindings check_raft_invariants(std::span<const std::vector<model::NodeEvent>> nodes, std::size_t voters = 0);

}  // namespace fracas::checker
