#include "controller/target/raft_target.h"

#include <thread>

#include "controller/workload/raft_workload_client.h"
#include "controller/world/node_programs.h"
#include "controller/world/raft_node.h"
#include "controller/world/waiting.h"
#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"
#include "targets/raft/client/administrator.h"
#include "targets/raft/client/raft_client.h"

namespace fracas::controller {
namespace {

constexpr Duration kStartMax = std::chrono::seconds(10);
constexpr Duration kAskTimeout = std::chrono::milliseconds(150);
constexpr Duration kAdminAttempt = std::chrono::milliseconds(500);

std::vector<std::pair<std::string, node::Address>> addresses_of(const World& world, bool ipv6) {
  std::vector<std::pair<std::string, node::Address>> addresses;
  for (const Host& host : nodes_of(world.hosts())) {
    const auto address = node::parse_address(node_endpoint(host, ipv6));
    ensure(address.has_value(), "a world's hosts have addresses");
    addresses.emplace_back(host.name, *address);
  }
  return addresses;
}

// Lets an administrator act, again and again.
void administer(const World& world, bool ipv6, Duration every, raft::Administrator administrator,
                const std::stop_token& stopping) {
  const Duration patience = raft::Administrator::patience(every);
  if (!world.join_clients()) return;
  raft::RaftClient client({.nodes = addresses_of(world, ipv6), .client = 0, .attempt_timeout = kAdminAttempt});
  for (;;) {
    const double wait = static_cast<double>(every.count()) * administrator.next_rest();
    if (!sleep_until(os::boot_now_ns() + static_cast<std::int64_t>(wait), stopping)) return;
    auto action = administrator.next();
    raft::CallResult result;
    if (const auto* transfer = std::get_if<raft::TransferRequest>(&action)) {
      result = client.transfer(transfer->to, patience);
    } else {
      auto& change = std::get<raft::ChangeRequest>(action);
      result = client.change(std::move(change.voters), std::move(change.learners), patience);
    }
    administrator.learn(result.outcome == raft::Outcome::ok);
  }
}

class RaftTarget final : public Target {
 public:
  RaftTarget(World& world, bool ipv6, const RaftCalls& calls) : world_(world), ipv6_(ipv6), calls_(calls) {}

  void let_administer(raft::Administrator administrator, Duration every) {
    administrator_ =
        std::jthread([this, every, administrator = std::move(administrator)](const std::stop_token& stopping) mutable {
          administer(world_, ipv6_, every, std::move(administrator), stopping);
        });
  }

  std::string ask_leader() const override { return read_raft(world_, ipv6_, kAskTimeout).leader; }

  ClientFactory client_factory(Duration attempt_timeout) const override {
    std::map<std::string, std::string> nodes;
    for (const Host& host : world_.hosts())
      if (!host.spare) nodes[host.name] = node_endpoint(host, ipv6_);
    return raft_clients(nodes, calls_, attempt_timeout);
  }

 private:
  World& world_;
  bool ipv6_;
  RaftCalls calls_;
  std::jthread administrator_;
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
  options.members = raft.members();
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
  auto target = std::make_unique<RaftTarget>(start.world, options.ipv6, raft_calls(start.experiment.workload()));
  const Duration every = model::from_proto(start.experiment.target().raft().changes());
  if (every > Duration::zero()) {
    std::vector<std::string> nodes;
    for (const Host& host : nodes_of(start.world.hosts())) nodes.push_back(host.name);
    const std::size_t voters = options.members > 0 ? options.members : nodes.size();
    target->let_administer(raft::Administrator(std::move(nodes), voters, start.seed), every);
  }
  return target;
}

}  // namespace

const TargetKind kRaftTarget{
    .name = "raft",
    .workloads = {"register", "cas-register", "append", "set", "lock", "txn-append", "txn-register", "bank"},
    .ipv6 = true,
    .installed = nullptr,
    .start = start_and_wait};

}  // namespace fracas::controller
