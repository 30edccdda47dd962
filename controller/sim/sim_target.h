#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/timeline.h"
#include "controller/workload/client.h"
#include "targets/node/sim/sim_cluster.h"

namespace fracas::model {
class Experiment;
}  // namespace fracas::model

namespace fracas::controller {

// One client of a simulated target: the one of a real target, with a callback where that one waits. One call at a time;
// thrown away after an info.
class SimTargetClient {
 public:
  SimTargetClient() = default;
  SimTargetClient(const SimTargetClient&) = delete;
  SimTargetClient& operator=(const SimTargetClient&) = delete;
  virtual ~SimTargetClient() = default;

  using Done = std::function<void(Answer&& answer)>;
  virtual void call(const Call& call, Duration timeout, Done done) = 0;
};

// The members, by number, that a client in that seat asks.
std::vector<std::size_t> nodes_asked(const ClientSeat& seat, const node::SimCluster& cluster);

// A target whose pure core runs in the simulated world.
class SimTarget {
 public:
  SimTarget() = default;
  SimTarget(const SimTarget&) = delete;
  SimTarget& operator=(const SimTarget&) = delete;
  virtual ~SimTarget() = default;

  // Its members are the world's hosts 0, 1, ….
  virtual node::SimCluster& cluster() = 0;
  // Who leads; the empty text if nobody does, or where there are no leaders.
  virtual std::string leader() const = 0;
  // Whether clients would be answered now.
  virtual bool serves() const = 0;
  virtual std::unique_ptr<SimTargetClient> client(const ClientSeat& seat, Duration attempt_timeout) = 0;
};

// What a target is made of. The references outlive it.
struct SimRoom {
  sim::Scheduler& scheduler;
  sim::Network& network;
  const model::Experiment& experiment;
  node::SimClusterOptions cluster;
};

// REQUIRES: the experiment's target is one that can be simulated. Nothing runs yet.
std::unique_ptr<SimTarget> make_sim_target(const SimRoom& room);

// Whether a kind of target has a pure core to simulate.
bool can_simulate_target(const model::Experiment& experiment);

// The kinds, each in its file.
std::unique_ptr<SimTarget> make_raft_sim_target(const SimRoom& room);
std::unique_ptr<SimTarget> make_quorum_sim_target(const SimRoom& room);

}  // namespace fracas::controller
