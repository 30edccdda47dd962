#include "controller/run/raft_target.h"

#include "controller/run/waiting.h"
#include "controller/workload/raft_workload_client.h"
#include "controller/world/raft_node.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr Duration kStartMax = std::chrono::seconds(10);
constexpr Duration kAskTimeout = std::chrono::milliseconds(150);
constexpr std::int64_t kWatchEvery_ns = 500'000'000;

RaftOptions options_of(const model::Experiment& experiment, std::uint64_t seed) {
  const model::RaftTarget& raft = experiment.target().raft();
  RaftOptions options;
  options.ipv6 = experiment.world().addresses() == model::ADDRESS_FAMILY_IPV6;
  options.fsync = raft.fsync();
  options.bugs.assign(raft.bugs().begin(), raft.bugs().end());
  options.election_timeout = model::from_proto(raft.election_timeout());
  options.heartbeat = model::from_proto(raft.heartbeat());
  options.snapshot_every = raft.snapshot_every();
  options.seed = seed;
  return options;
}

}  // namespace

Result<std::unique_ptr<RaftTarget>> RaftTarget::start(World& world, const model::Experiment& experiment,
                                                      std::uint64_t seed, const std::stop_token& stopping) {
  RaftOptions options = options_of(experiment, seed);
  if (experiment.target().raft().peers_by_name()) options.resolver = world.resolver();
  if (auto started = start_raft(world, options); !started) return failure(std::move(started).error().context("raft"));
  auto reading = wait_until_raft_serves(world, options.ipv6, kStartMax, stopping);
  if (!reading) return failure(std::move(reading).error());
  std::unique_ptr<RaftTarget> target(new RaftTarget(world));
  target->ipv6_ = options.ipv6;
  target->leader_ = reading->leader;
  target->watch_ = std::jthread([&target = *target](const std::stop_token& stop) {
    while (sleep_until(os::boot_now_ns() + kWatchEvery_ns, stop)) {
      std::string leader = target.ask_leader();
      const std::scoped_lock lock(target.mutex_);
      target.leader_ = std::move(leader);
    }
  });
  return target;
}

RaftTarget::~RaftTarget() = default;

std::string RaftTarget::ask_leader() const {
  return read_raft(world_, ipv6_, kAskTimeout).leader;
}

std::string RaftTarget::last_leader() const {
  const std::scoped_lock lock(mutex_);
  return leader_;
}

ClientFactory RaftTarget::client_factory(Duration attempt_timeout) const {
  std::map<std::string, std::string> nodes;
  for (const Host& host : world_.hosts())
    if (!host.spare) nodes[host.name] = raft_endpoint(host, ipv6_);
  return raft_clients(nodes, attempt_timeout);
}

}  // namespace fracas::controller
