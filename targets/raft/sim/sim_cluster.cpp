#include "targets/raft/sim/sim_cluster.h"

#include <algorithm>

#include "lib/base/ensure.h"

namespace fracas::raft {

SimCluster::SimCluster(sim::Scheduler& scheduler, sim::Network& network, const SimClusterOptions& options)
    : names_(options.nodes) {
  ensure(network.hosts() == names_.size() + 1, "a cluster's network has a host for each node and one for the clients");
  for (const std::string& name : names_) {
    Options raft = options.raft;
    raft.self = NodeId(name);
    raft.seed = options.seed;
    for (const std::string& peer : names_)
      if (peer != name) raft.peers.emplace_back(peer);
    nodes_.push_back(std::make_unique<SimNode>(scheduler, std::move(raft), options.fsync, options.begin_ns));
  }
  for (std::size_t from = 0; from < nodes_.size(); ++from) {
    for (std::size_t to = 0; to < nodes_.size(); ++to) {
      if (from == to) continue;
      SimNode& peer = *nodes_[to];
      const sim::Connection::Ends ends{static_cast<sim::HostIndex>(from), static_cast<sim::HostIndex>(to),
                                       next_connection()};
      nodes_[from]->connect(peer.name(), std::make_unique<SimLink>(
                                             scheduler, network, ends, [&peer] { return peer.life(); },
                                             [&peer, self = nodes_[from]->name()](const Message& message) {
                                               peer.receive(self, message);
                                             }));
    }
  }
}

Status SimCluster::start() {
  for (const auto& node : nodes_)
    if (auto started = node->start(); !started)
      return failure(std::move(started).error().context(node->name().value()));
  return {};
}

std::size_t SimCluster::index_of(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  ensure(found != names_.end(), "the name is a node's");
  return static_cast<std::size_t>(found - names_.begin());
}

std::string SimCluster::leader() const {
  std::string leader;
  Term term;
  for (const auto& node : nodes_) {
    if (!node->is_up() || node->is_paused()) continue;
    const MemberStatus status = node->status();
    if (status.role != Role::leader || status.term < term) continue;
    term = status.term;
    leader = node->name().value();
  }
  return leader;
}

}  // namespace fracas::raft
