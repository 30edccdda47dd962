#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "lib/sim/network.h"
#include "lib/sim/scheduler.h"
#include "targets/quorum/sim/quorum_process.h"
#include "targets/quorum/sim/sim_cluster.h"

namespace fracas::quorum::test {

// A simulated store of five members, and a client that puts requests straight to one of them.
class Room {
 public:
  explicit Room(const Options& options = {})
      : network_(6, {}, 3),
        cluster_(make_sim_cluster(
            scheduler_, network_,
            {.nodes = {"n1", "n2", "n3", "n4", "n5"}, .fsync = true, .seed = 3, .begin_ns = 1'000'000'000}, options)) {
    static_cast<void>(cluster_.start());
    pass(std::chrono::seconds(1));
  }

  void pass(Duration time) { scheduler_.run_until(scheduler_.now() + time); }

  // The answer, or nothing within a second.
  std::optional<Reply> ask(Member member, const Request& request) {
    std::optional<Reply> got;
    node(member).when_running([&](node::SimProcess& process) {
      static_cast<QuorumProcess&>(process).request(request, [&got](const Reply& reply) { got = reply; });
    });
    for (int i = 0; i < 100 && !got; ++i) pass(std::chrono::milliseconds(10));
    return got;
  }

  node::SimNode& node(Member member) { return cluster_.node(member); }
  const Replica& replica(Member member) const {
    return static_cast<const QuorumProcess&>(cluster_.node(member).process()).replica();
  }
  // All packets between the member and the other members are lost from now on, or no longer.
  void isolate(Member member) {
    auto lose =
        std::make_shared<sim::PacketRule>([](const sim::Packet&, Duration, sim::Fate& fate) { fate.lost = true; });
    for (sim::HostIndex other = 0; other < 5; ++other) {
      if (other == member) continue;
      network_.attach(member, other, 1, lose);
      network_.attach(other, member, 1, lose);
    }
  }
  void heal() { network_.detach(1); }

 private:
  sim::Scheduler scheduler_;
  sim::Network network_;
  node::SimCluster cluster_;
};

}  // namespace fracas::quorum::test
