#include "controller/target/raft_target.h"

#include "controller/workload/raft_workload_client.h"
#include "controller/world/node_programs.h"
#include "controller/world/raft_node.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

constexpr Duration kStartMax = std::chrono::seconds(10);
constexpr Duration kAskTimeout = std::chrono::milliseconds(150);

class RaftTarget final : public Target {
 public:
  RaftTarget(World& world, bool ipv6) : world_(world), ipv6_(ipv6) {}

  std::string ask_leader() const override { return read_raft(world_, ipv6_, kAskTimeout).leader; }

  ClientFactory client_factory(Duration attempt_timeout) const override {
    std::map<std::string, std::string> nodes;
    for (const Host& host : world_.hosts())
      if (!host.spare) nodes[host.name] = node_endpoint(host, ipv6_);
    return raft_clients(nodes, attempt_timeout);
  }

 private:
  World& world_;
  bool ipv6_;
};

RaftOptions options_of(const TargetStart& start) {
  const model::RaftTarget& raft = start.experiment.target().raft();
  RaftOptions options;
  options.ipv6 = start.experiment.world().addresses() == model::ADDRESS_FAMILY_IPV6;
  options.fsync = raft.fsync();
  options.bugs.assign(raft.bugs().begin(), raft.bugs().end());
  options.election_timeout = model::from_proto(raft.election_timeout());
  options.heartbeat = model::from_proto(raft.heartbeat());
  options.snapshot_every = raft.snapshot_every();
  options.lease_reads = raft.reads() == model::READ_MODE_LEASE;
  options.clock_drift_max = raft.clock_drift_max();
  options.lock_ttl = model::from_proto(raft.lock_ttl());
  options.seed = start.seed;
  if (raft.peers_by_name()) options.resolver = start.world.resolver();
  return options;
}

Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  const RaftOptions options = options_of(start);
  if (auto started = start_raft(start.world, options); !started)
    return failure(std::move(started).error().context("raft"));
  auto reading = wait_until_raft_serves(start.world, options.ipv6, kStartMax, start.stopping);
  if (!reading) return failure(std::move(reading).error());
  return std::make_unique<RaftTarget>(start.world, options.ipv6);
}

}  // namespace

const TargetKind kRaftTarget{.name = "raft",
                             .workloads = {"register", "cas-register", "append", "set", "lock"},
                             .ipv6 = true,
                             .installed = nullptr,
                             .start = start_and_wait};

}  // namespace fracas::controller
