#include "targets/node/sim/sim_cluster.h"

#include <numeric>

#include "lib/base/ensure.h"

namespace fracas::node {

SimCluster::SimCluster(sim::Scheduler& scheduler, sim::Network& network, const SimClusterOptions& options,
                       const ProgramOf& program_of)
    : names_(options.nodes) {
  ensure(network.hosts() == names_.size() + 1, "a cluster's network has a host for each node and one for the clients");
  for (std::size_t i = 0; i < names_.size(); ++i)
    nodes_.push_back(std::make_unique<SimNode>(
        scheduler,
        SimNodeOptions{.name = names_[i], .fsync = options.fsync, .begin_ns = options.begin_ns, .seed = options.seed},
        program_of(i)));
  for (std::size_t from = 0; from < nodes_.size(); ++from) {
    for (std::size_t to = 0; to < nodes_.size(); ++to) {
      if (from == to) continue;
      const sim::Connection::Ends ends{static_cast<sim::HostIndex>(from), static_cast<sim::HostIndex>(to),
                                       next_connection()};
      nodes_[from]->connect(*nodes_[to],
                            std::make_unique<SimLink>(scheduler, network, ends, *nodes_[from], *nodes_[to]));
    }
  }
}

std::vector<std::size_t> SimCluster::members() const {
  std::vector<std::size_t> all(nodes_.size());
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

Status SimCluster::start() {
  for (const auto& node : nodes_)
    if (auto started = node->start(); !started) return failure(std::move(started).error().context(node->name()));
  return {};
}

}  // namespace fracas::node
