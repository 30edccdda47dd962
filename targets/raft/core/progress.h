#pragma once
#include <cstdint>

#include "lib/base/quantity.h"
#include "targets/raft/core/ids.h"

namespace fracas::raft {

// What a leader knows of one follower, in its present term.
struct Progress {
  enum class State : std::uint8_t {
    probe,      // where the logs part is not known: one message in flight, `next` does not move
    replicate,  // `next` runs ahead of the answers, at most kWindow entries
    snapshot,   // a snapshot is under way; nothing else is sent but heartbeats
  };
  State state = State::probe;
  Index match = 0;                   // equal to ours, and on the follower's disk, up to here
  Index next = 1;                    // the next entry to send
  bool probe_sent = false;           // probe only
  Index snapshot_index = 0;          // snapshot only
  std::uint64_t snapshot_round = 0;  // snapshot only: the heartbeat round when it was sent
  std::uint64_t round = 0;           // latest heartbeat round it answered
  Duration heard_at{};               // when it last answered
};

// Entries a follower may be sent ahead of its answers.
constexpr Index kWindow = 4096;
// Bounds of one AppendRequest.
constexpr std::size_t kBatchEntriesMax = 512;
constexpr std::size_t kBatchBytesMax = 256U << 10U;
// Writes and reads a leader holds open; more are refused as `busy`.
constexpr std::size_t kPendingMax = 8192;

}  // namespace fracas::raft
