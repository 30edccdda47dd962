#include "controller/sim/sim_world.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "targets/raft/core/bugs.h"

namespace fracas::controller {
namespace {

constexpr Duration kStartMax = std::chrono::seconds(10);
constexpr Duration kLookEvery = std::chrono::milliseconds(10);
constexpr unsigned kFirstHostNumber = 11;  // of the addresses, as in the lab

raft::SimClusterOptions cluster_options(const model::Experiment& experiment, const Timeline& timeline) {
  const model::RaftTarget& raft = experiment.target().raft();
  raft::SimClusterOptions options;
  const auto nodes = static_cast<std::ptrdiff_t>(experiment.world().nodes());
  options.nodes.assign(timeline.hosts.begin(), timeline.hosts.begin() + nodes);
  options.raft.election_timeout = model::from_proto(raft.election_timeout());
  options.raft.heartbeat = model::from_proto(raft.heartbeat());
  options.raft.snapshot_every = raft.snapshot_every();
  for (const std::string& bug : raft.bugs())
    ensure(raft::plant(options.raft.bugs, bug), "the reader checked the names of the bugs");
  options.fsync = raft.fsync();
  options.seed = timeline.seed;
  options.begin_ns = SimWorld::kBeginNs;
  return options;
}

}  // namespace

SimWorld::SimWorld(const model::Experiment& experiment, const Timeline& timeline)
    : hosts_(timeline.hosts),
      network_(experiment.world().nodes() + 1, sim::LinkOptions{}, timeline.seed),
      cluster_(std::make_unique<raft::SimCluster>(scheduler_, network_, cluster_options(experiment, timeline))) {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const auto number = static_cast<unsigned>(i) + kFirstHostNumber;
    const HostAddresses addresses{fmt::format("10.77.0.{}", number), fmt::format("fd77::{}", number)};
    addresses_[hosts_[i]] = addresses;
    if (i >= experiment.world().nodes()) continue;
    by_prefix_[addresses.ipv4 + "/32"] = static_cast<sim::HostIndex>(i);
    by_prefix_[addresses.ipv6 + "/128"] = static_cast<sim::HostIndex>(i);
  }
}

Status SimWorld::start() {
  if (auto started = cluster_->start(); !started) return started;
  const Duration latest = scheduler_.now() + kStartMax;
  while (cluster_->leader().empty() && scheduler_.now() < latest) scheduler_.run_until(scheduler_.now() + kLookEvery);
  if (cluster_->leader().empty()) return failure("nobody leads after 10 simulated seconds");
  return {};
}

std::optional<sim::HostIndex> SimWorld::node_at(std::string_view prefix) const {
  const auto found = by_prefix_.find(prefix);
  if (found == by_prefix_.end()) return std::nullopt;
  return found->second;
}

}  // namespace fracas::controller
