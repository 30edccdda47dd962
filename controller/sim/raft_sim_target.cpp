#include <utility>

#include "controller/sim/sim_target.h"
#include "controller/workload/raft_calls.h"
#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "targets/raft/core/bugs.h"
#include "targets/raft/sim/sim_client.h"
#include "targets/raft/sim/sim_cluster.h"

namespace fracas::controller {
namespace {

raft::Options options_of(const model::RaftTarget& raft) {
  raft::Options options;
  options.election_timeout = model::from_proto(raft.election_timeout());
  options.heartbeat = model::from_proto(raft.heartbeat());
  options.snapshot_every = raft.snapshot_every();
  options.reads = raft.reads() == model::READ_MODE_LEASE ? raft::ReadMode::lease : raft::ReadMode::index;
  options.clock_drift_max = raft.clock_drift_max();
  options.lock_ttl = model::from_proto(raft.lock_ttl());
  for (const std::string& bug : raft.bugs())
    ensure(raft::plant(options.bugs, bug), "the reader checked the names of the bugs");
  return options;
}

node::SimClusterOptions cluster_of(const SimRoom& room) {
  node::SimClusterOptions options = room.cluster;
  options.fsync = room.experiment.target().raft().fsync();
  return options;
}

class RaftSimTargetClient final : public SimTargetClient {
 public:
  RaftSimTargetClient(const RaftCalls& calls, sim::Local<raft::SimClient> client)
      : calls_(calls), client_(std::move(client)) {}

  void call(const Call& call, Duration timeout, Done done) override {
    call_ = call;
    done_ = std::move(done);
    auto operation = raft_operation(calls_, call);
    if (!operation)
      return client_->get(call.key, timeout, [this](raft::CallResult&& result) { answer(std::move(result), true); });
    const Duration each = raft_timeout(call, timeout);
    client_->write(call.key, std::move(*operation), each, [this, each](raft::CallResult&& first) {
      auto second = raft_second_operation(calls_, call_, first);
      if (!second) return answer(std::move(first), true);
      client_->write(call_.key, std::move(*second), each,
                     [this](raft::CallResult&& result) { answer(std::move(result), false); });
    });
  }

 private:
  // Who is told may throw this client away.
  void answer(raft::CallResult&& result, bool looked) {
    const Done done = std::move(done_);
    done(answer_of(calls_, call_, std::move(result), looked));
  }

  RaftCalls calls_;
  Call call_;  // under way
  Done done_;
  sim::Local<raft::SimClient> client_;
};

raft::Options with_members(raft::Options options, const SimRoom& room) {
  const std::uint32_t members = room.experiment.target().raft().members();
  for (std::uint32_t i = 0; i < members; ++i) options.members.emplace_back(room.cluster.nodes[i]);
  return options;
}

// Lets an administrator act, again and again.
class SimAdministrator {
 public:
  SimAdministrator(sim::Scheduler& scheduler, sim::Local<raft::SimClient> client, raft::Administrator administrator,
                   Duration every)
      : scheduler_(scheduler), client_(std::move(client)), administrator_(std::move(administrator)), every_(every) {
    rest();
  }

 private:
  void rest() {
    const double wait = static_cast<double>(every_.count()) * administrator_.next_rest();
    scheduler_.at(scheduler_.now() + Duration(static_cast<Duration::rep>(wait)), [this] {
      client_->administer(administrator_.next(), raft::Administrator::patience(every_),
                          [this](const raft::CallResult& result) {
                            administrator_.learn(result.outcome == raft::Outcome::ok);
                            rest();
                          });
    });
  }

  sim::Scheduler& scheduler_;
  sim::Local<raft::SimClient> client_;
  raft::Administrator administrator_;
  Duration every_;
};

class RaftSimTarget final : public SimTarget {
 public:
  explicit RaftSimTarget(const SimRoom& room)
      : scheduler_(room.scheduler),
        network_(room.network),
        calls_(raft_calls(room.experiment.workload())),
        cluster_(raft::make_sim_cluster(room.scheduler, room.network, cluster_of(room),
                                        with_members(options_of(room.experiment.target().raft()), room))) {
    const Duration every = model::from_proto(room.experiment.target().raft().changes());
    if (every == Duration::zero()) return;
    auto client = sim::make_local<raft::SimClient>(
        scheduler_, network_, cluster_,
        raft::SimClient::Options{.client = 0, .attempt_timeout = std::chrono::milliseconds(500)});
    const std::uint32_t members = room.experiment.target().raft().members();
    administrator_.emplace(
        scheduler_, std::move(client),
        raft::Administrator(cluster_.names(), members > 0 ? members : cluster_.size(), room.cluster.seed), every);
  }

  node::SimCluster& cluster() override { return cluster_; }
  std::string leader() const override { return raft::sim_leader(cluster_); }
  bool serves() const override { return !leader().empty(); }
  std::unique_ptr<SimTargetClient> client(const ClientSeat& seat, Duration attempt_timeout) override {
    return std::make_unique<RaftSimTargetClient>(
        calls_, sim::make_local<raft::SimClient>(
                    scheduler_, network_, cluster_,
                    raft::SimClient::Options{
                        .client = seat.id, .nodes = nodes_asked(seat, cluster_), .attempt_timeout = attempt_timeout}));
  }

 private:
  sim::Scheduler& scheduler_;
  sim::Network& network_;
  RaftCalls calls_;
  node::SimCluster cluster_;
  std::optional<SimAdministrator> administrator_;
};

}  // namespace

std::unique_ptr<SimTarget> make_raft_sim_target(const SimRoom& room) {
  return std::make_unique<RaftSimTarget>(room);
}

}  // namespace fracas::controller
