#include <algorithm>
#include <utility>

#include "controller/sim/sim_target.h"
#include "controller/workload/quorum_calls.h"
#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "targets/quorum/core/bugs.h"
#include "targets/quorum/sim/sim_client.h"
#include "targets/quorum/sim/sim_cluster.h"

namespace fracas::controller {
namespace {

quorum::Options options_of(const model::QuorumTarget& target) {
  quorum::Options options;
  options.replicas = target.replicas();
  options.virtual_nodes = target.virtual_nodes();
  options.gossip = model::from_proto(target.gossip());
  options.read_repair = target.read_repair();
  options.hinted_handoff = target.hinted_handoff();
  options.anti_entropy = model::from_proto(target.anti_entropy());
  options.tombstone_grace = model::from_proto(target.tombstone_grace());
  for (const std::string& bug : target.bugs())
    ensure(quorum::plant(options.bugs, bug), "the reader checked the names of the bugs");
  return options;
}

node::SimClusterOptions cluster_of(const SimRoom& room) {
  node::SimClusterOptions options = room.cluster;
  options.fsync = room.experiment.target().quorum().fsync();
  return options;
}

class QuorumSimTargetClient final : public SimTargetClient {
 public:
  QuorumSimTargetClient(QuorumCalls calls, sim::Local<quorum::SimClient> client)
      : calls_(std::move(calls)), client_(std::move(client)) {}

  void call(const Call& call, Duration timeout, Done done) override {
    client_->call(quorum_request(calls_, call), timeout,
                  [calls = calls_, function = call.function, done = std::move(done)](const quorum::CallResult& result) {
                    done(answer_of(calls, function, result));
                  });
  }

 private:
  QuorumCalls calls_;
  sim::Local<quorum::SimClient> client_;
};

class QuorumSimTarget final : public SimTarget {
 public:
  explicit QuorumSimTarget(const SimRoom& room)
      : scheduler_(room.scheduler),
        network_(room.network),
        calls_(quorum_calls(room.experiment)),
        cluster_(quorum::make_sim_cluster(room.scheduler, room.network, cluster_of(room),
                                          options_of(room.experiment.target().quorum()))) {}

  node::SimCluster& cluster() override { return cluster_; }
  std::string leader() const override { return {}; }
  // Once all have dialled each other.
  bool serves() const override {
    for (std::size_t i = 0; i < cluster_.size(); ++i)
      for (const std::string& peer : cluster_.names())
        if (const node::SimLink* link = cluster_.node(i).link(peer); link != nullptr && !link->is_open()) return false;
    return true;
  }
  std::unique_ptr<SimTargetClient> client(const ClientSeat& seat, Duration attempt_timeout) override {
    return std::make_unique<QuorumSimTargetClient>(
        calls_, sim::make_local<quorum::SimClient>(
                    scheduler_, network_, cluster_,
                    quorum::SimClient::Options{
                        .first = seat.id, .nodes = nodes_asked(seat, cluster_), .attempt_timeout = attempt_timeout}));
  }

 private:
  sim::Scheduler& scheduler_;
  sim::Network& network_;
  QuorumCalls calls_;
  node::SimCluster cluster_;
};

}  // namespace

std::unique_ptr<SimTarget> make_quorum_sim_target(const SimRoom& room) {
  return std::make_unique<QuorumSimTarget>(room);
}

}  // namespace fracas::controller
