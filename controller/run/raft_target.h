#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "controller/workload/client.h"
#include "controller/world/world.h"
#include "lib/base/result.h"

namespace fracas::model {
class Experiment;
}  // namespace fracas::model

namespace fracas::controller {

// The bundled Raft store running on the nodes of a world, and who leads it. Stopped with its world.
class RaftTarget {
 public:
  // Starts a node on every host that is no spare and waits until a leader is known and a majority serves.
  // ERRORS: which node did not come up, with the end of its log; `stopping` was asked to stop.
  static Result<std::unique_ptr<RaftTarget>> start(World& world, const model::Experiment& experiment,
                                                   std::uint64_t seed, const std::stop_token& stopping);
  ~RaftTarget();

  // Asks the nodes now, at most 200 ms; the empty text if nobody leads. Thread: any.
  std::string ask_leader() const;
  // Who led when last looked, at most half a second ago.
  std::string last_leader() const;

  // Clients that wait `attempt_timeout` for one node before they ask another.
  ClientFactory client_factory(Duration attempt_timeout) const;

 private:
  explicit RaftTarget(World& world) : world_(world) {}

  World& world_;
  bool ipv6_ = false;
  mutable std::mutex mutex_;
  std::string leader_;
  std::jthread watch_;
};

}  // namespace fracas::controller
