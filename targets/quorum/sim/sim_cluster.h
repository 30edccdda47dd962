#pragma once
#include "targets/node/sim/sim_cluster.h"
#include "targets/quorum/core/replica.h"

namespace fracas::quorum {

// A simulated store. `quorum`: `members`, `self` and `seed` are filled in.
node::SimCluster make_sim_cluster(sim::Scheduler& scheduler, sim::Network& network,
                                  const node::SimClusterOptions& options, const Options& quorum);

}  // namespace fracas::quorum
