#pragma once
#include <cstdint>
#include <variant>
#include <vector>

#include "targets/raft/core/ids.h"

// What members say to each other. Messages may be lost, doubled, delayed and reordered.
namespace fracas::raft {

// Asks for a vote in `term`. A pre-vote asks whether one would be granted, and binds nobody (dissertation, 9.6).
struct VoteRequest {
  Term term{};  // of the campaign; for a pre-vote the term the sender would start
  bool pre = false;
  Index last_index = 0;
  Term last_term{};
  bool transfer = false;  // its leader asked it to campaign: who hears that leader votes nevertheless
  bool operator==(const VoteRequest&) const = default;
};

struct VoteResponse {
  Term term{};  // granted: the term asked for; else the responder's own
  bool pre = false;
  bool granted = false;
  bool operator==(const VoteResponse&) const = default;
};

// Entries that follow `prev_index`, or none: a heartbeat.
struct AppendRequest {
  Term term{};
  Index prev_index = 0;
  Term prev_term{};
  Index commit = 0;         // the leader's commit index
  std::uint64_t round = 0;  // number of the leader's latest heartbeat round in this term; echoed
  std::vector<Entry> entries{};
  bool operator==(const AppendRequest&) const = default;
};

struct SnapshotRequest {
  Term term{};
  std::uint64_t round = 0;
  Snapshot snapshot{};
  bool operator==(const SnapshotRequest&) const = default;
};

// Answers AppendRequest and SnapshotRequest.
struct AppendResponse {
  Term term{};
  bool success = false;
  Index index = 0;  // success: equal to the leader's log, and on disk, up to here; else the prev_index refused
  Index hint = 0;   // refused: the last position that may be equal, and the follower's term there
  Term hint_term{};
  std::uint64_t round = 0;
  bool operator==(const AppendResponse&) const = default;
};

// The leader asks who has all of its log to campaign at once (dissertation, 3.10).
struct TimeoutNow {
  Term term{};
  bool operator==(const TimeoutNow&) const = default;
};

using Message = std::variant<VoteRequest, VoteResponse, AppendRequest, SnapshotRequest, AppendResponse, TimeoutNow>;

}  // namespace fracas::raft
