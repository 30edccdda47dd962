#include "targets/raft/sim/sim_cluster.h"

#include "targets/raft/sim/raft_process.h"

namespace fracas::raft {

node::SimCluster make_sim_cluster(sim::Scheduler& scheduler, sim::Network& network,
                                  const node::SimClusterOptions& options, const Options& raft) {
  return node::SimCluster(scheduler, network, options, [&](std::size_t index) {
    Options own = raft;
    own.self = NodeId(options.nodes[index]);
    own.seed = options.seed;
    for (const std::string& peer : options.nodes)
      if (peer != options.nodes[index]) own.peers.emplace_back(peer);
    return RaftProcess::program(std::move(own));
  });
}

std::string sim_leader(const node::SimCluster& cluster) {
  std::string leader;
  Term term;
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    const node::SimNode& node = cluster.node(i);
    if (!node.is_up() || node.is_paused()) continue;
    const MemberStatus status = static_cast<const RaftProcess&>(node.process()).status();
    if (status.role != Role::leader || status.term < term) continue;
    term = status.term;
    leader = node.name();
  }
  return leader;
}

}  // namespace fracas::raft
