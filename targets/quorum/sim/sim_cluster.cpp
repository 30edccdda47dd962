#include "targets/quorum/sim/sim_cluster.h"

#include <algorithm>

#include "targets/quorum/sim/quorum_process.h"

namespace fracas::quorum {

node::SimCluster make_sim_cluster(sim::Scheduler& scheduler, sim::Network& network,
                                  const node::SimClusterOptions& options, const Options& quorum) {
  return node::SimCluster(scheduler, network, options, [&](std::size_t index) {
    Options own = quorum;
    own.members = options.nodes;
    std::ranges::sort(own.members);
    const auto self = std::ranges::find(own.members, options.nodes[index]);
    own.self = static_cast<Member>(self - own.members.begin());
    own.seed = options.seed;
    return QuorumProcess::program(own);
  });
}

}  // namespace fracas::quorum
