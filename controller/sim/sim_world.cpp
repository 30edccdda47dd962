#include "controller/sim/sim_world.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

constexpr Duration kStartMax = std::chrono::seconds(10);
constexpr Duration kLookEvery = std::chrono::milliseconds(10);
constexpr unsigned kFirstHostNumber = 11;  // of the addresses, as in the lab

node::SimClusterOptions cluster_options(const model::Experiment& experiment, const Timeline& timeline) {
  const auto nodes = static_cast<std::ptrdiff_t>(experiment.world().nodes());
  node::SimClusterOptions options;
  options.nodes.assign(timeline.hosts.begin(), timeline.hosts.begin() + nodes);
  options.seed = timeline.seed;
  options.begin_ns = SimWorld::kBeginNs;
  return options;
}

}  // namespace

SimWorld::SimWorld(const model::Experiment& experiment, const Timeline& timeline)
    : hosts_(timeline.hosts),
      network_(experiment.world().nodes() + 1, sim::LinkOptions{}, timeline.seed),
      target_(make_sim_target({scheduler_, network_, experiment, cluster_options(experiment, timeline)})) {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const auto number = static_cast<unsigned>(i) + kFirstHostNumber;
    const HostAddresses addresses{fmt::format("10.77.{}.{}", number / 256, number % 256),
                                  fmt::format("fd77::{}", number)};
    addresses_[hosts_[i]] = addresses;
    if (i >= experiment.world().nodes()) continue;
    by_prefix_[addresses.ipv4 + "/32"] = static_cast<sim::HostIndex>(i);
    by_prefix_[addresses.ipv6 + "/128"] = static_cast<sim::HostIndex>(i);
  }
}

Status SimWorld::start() {
  if (auto started = cluster().start(); !started) return started;
  const Duration latest = scheduler_.now() + kStartMax;
  while (!target_->serves() && scheduler_.now() < latest) scheduler_.run_until(scheduler_.now() + kLookEvery);
  if (!target_->serves()) return failure("the target does not serve after 10 simulated seconds");
  return {};
}

std::optional<sim::HostIndex> SimWorld::node_at(std::string_view prefix) const {
  const auto found = by_prefix_.find(prefix);
  if (found == by_prefix_.end()) return std::nullopt;
  return found->second;
}

}  // namespace fracas::controller
