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
  explicit RaftSimTargetClient(std::shared_ptr<raft::SimClient> client) : client_(std::move(client)) {}

  void call(const Call& call, Duration timeout, std::function<void(Answer answer)> done) override {
    auto answered = [function = call.function, done = std::move(done)](raft::CallResult result) {
      done(answer_of(function, std::move(result)));
    };
    auto operation = raft_operation(call);
    if (!operation) return client_->get(call.key, timeout, std::move(answered));
    const Duration each = raft_timeout(call, timeout);
    client_->write(
        call.key, std::move(*operation), each,
        [call, each, client = client_.get(), answered = std::move(answered)](raft::CallResult first) mutable {
          auto second = raft_second_operation(call, first);
          if (!second) return answered(std::move(first));
          client->write(call.key, std::move(*second), each, std::move(answered));
        });
  }

 private:
  std::shared_ptr<raft::SimClient> client_;
};

class RaftSimTarget final : public SimTarget {
 public:
  explicit RaftSimTarget(const SimRoom& room)
      : scheduler_(room.scheduler),
        network_(room.network),
        cluster_(raft::make_sim_cluster(room.scheduler, room.network, cluster_of(room),
                                        options_of(room.experiment.target().raft()))) {}

  node::SimCluster& cluster() override { return cluster_; }
  std::string leader() const override { return raft::sim_leader(cluster_); }
  bool serves() const override { return !leader().empty(); }
  std::unique_ptr<SimTargetClient> client(const ClientSeat& seat, Duration attempt_timeout) override {
    return std::make_unique<RaftSimTargetClient>(std::make_shared<raft::SimClient>(
        scheduler_, network_, cluster_,
        raft::SimClient::Options{
            .client = seat.id, .nodes = nodes_asked(seat, cluster_), .attempt_timeout = attempt_timeout}));
  }

 private:
  sim::Scheduler& scheduler_;
  sim::Network& network_;
  node::SimCluster cluster_;
};

}  // namespace

std::unique_ptr<SimTarget> make_raft_sim_target(const SimRoom& room) {
  return std::make_unique<RaftSimTarget>(room);
}

}  // namespace fracas::controller
