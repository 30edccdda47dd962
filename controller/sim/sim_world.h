#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/resolve.h"
#include "controller/plan/timeline.h"
#include "controller/sim/sim_target.h"
#include "lib/base/result.h"
#include "lib/sim/network.h"
#include "lib/sim/scheduler.h"

namespace fracas::controller {

// The simulated world of one run: virtual time, the network and the target's nodes. Its hosts have the lab's names and
// addresses, so that faults are resolved alike. Deterministic: the same experiment and seed give the same world.
class SimWorld {
 public:
  // The CLOCK_BOOTTIME that the beginning stands for in records; not 0, which means "never" there.
  static constexpr std::int64_t kBeginNs = 1'000'000'000;
  // Where every node listens, as in the lab.
  static constexpr std::uint16_t kNodePort = 7000;

  // `experiment` is one whose target can be simulated. Nothing runs before start().
  SimWorld(const model::Experiment& experiment, const Timeline& timeline);

  // Starts the nodes and lets time pass until they serve. ERRORS: not within 10 s.
  Status start();

  sim::Scheduler& scheduler() { return scheduler_; }
  sim::Network& network() { return network_; }
  SimTarget& target() { return *target_; }
  node::SimCluster& cluster() { return target_->cluster(); }
  const std::vector<std::string>& hosts() const { return hosts_; }
  const std::map<std::string, HostAddresses>& addresses() const { return addresses_; }

  // Nodes are hosts 0 to N-1; spares have no number, because nothing runs there.
  std::optional<sim::HostIndex> node_at(std::string_view prefix) const;
  std::int64_t now_ns() const { return kBeginNs + scheduler_.now().count(); }
  static Duration moment(std::int64_t boot_ns) { return Duration(boot_ns - kBeginNs); }

 private:
  std::vector<std::string> hosts_;
  std::map<std::string, HostAddresses> addresses_;
  std::map<std::string, sim::HostIndex, std::less<>> by_prefix_;
  sim::Scheduler scheduler_;
  sim::Network network_;
  std::unique_ptr<SimTarget> target_;
};

}  // namespace fracas::controller
