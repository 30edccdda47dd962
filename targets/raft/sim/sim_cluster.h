#pragma once
#include <string>

#include "targets/node/sim/sim_cluster.h"
#include "targets/raft/core/raft.h"

namespace fracas::raft {

// A simulated cluster of Raft members. `raft`: `self`, `peers` and `seed` are filled in.
node::SimCluster make_sim_cluster(sim::Scheduler& scheduler, sim::Network& network,
                                  const node::SimClusterOptions& options, const Options& raft);

// Who leads with the highest term among those that run; the empty text if nobody does. REQUIRES: made by the above.
std::string sim_leader(const node::SimCluster& cluster);

}  // namespace fracas::raft
