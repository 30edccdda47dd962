#pragma once
#include <cstdint>
#include <vector>

#include "lib/base/quantity.h"
#include "targets/raft/core/bugs.h"
#include "targets/raft/core/ids.h"
#include "targets/raft/core/kv_store.h"

namespace fracas::raft {

// How a leader makes sure that nobody else leads before it answers a read.
enum class ReadMode : std::uint8_t {
  index,  // a majority answers a heartbeat that was sent after the read came; needs no clock
  lease,  // for some time after such an answer nobody else can be elected, so reads are answered at once
};

struct Options {
  NodeId self{};
  std::vector<NodeId> peers{};    // who else may ever be a member; fixed for the cluster's life
  std::vector<NodeId> members{};  // who votes before the log says otherwise, self perhaps among them; empty: all
  Duration election_timeout = std::chrono::milliseconds(150);  // least one; each wait is drawn from [1, 2) of it
  Duration heartbeat = std::chrono::milliseconds(50);          // well under election_timeout
  std::uint64_t snapshot_every = 10'000;                       // applied entries between snapshots, > 0
  ReadMode reads = ReadMode::index;  // the same for all members: those of a cluster with leases also vote more slowly
  double clock_drift_max = 0.01;     // lease only: no clock is wrong by more than this share, in [0, 0.9]
  Duration lock_ttl = std::chrono::milliseconds(500);  // how long a lock may be kept, by the leader's clock
  std::uint64_t seed = 1;
  KvLimits limits{};
  Bugs bugs{};
};

}  // namespace fracas::raft
