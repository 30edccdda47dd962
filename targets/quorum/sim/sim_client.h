#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "targets/node/sim/sim_attempts.h"
#include "targets/quorum/client/call_policy.h"

namespace fracas::quorum {

// A client of a simulated store: call_policy.h over simulated connections. One call at a time; not to be used any more
// after an indeterminate write.
class SimClient : public std::enable_shared_from_this<SimClient> {
 public:
  using Done = std::function<void(const CallResult& result)>;

  // `cluster` is one of make_sim_cluster. `first`: which node is asked first.
  SimClient(sim::Scheduler& scheduler, sim::Network& network, node::SimCluster& cluster, std::uint64_t first,
            Duration attempt_timeout);

  void call(Request request, Duration timeout, Done done);

 private:
  struct Call {
    Request request;
    Duration deadline{};
    Done done;
    CallPolicy policy;
  };
  void attempt();
  void learn(const Attempt& attempt);
  void finish();

  sim::Scheduler& scheduler_;
  node::SimCluster& cluster_;
  Duration attempt_timeout_;
  std::shared_ptr<node::SimAttempts<Reply>> attempts_;
  std::size_t first_ = 0;
  Contexts contexts_;
  std::optional<Call> call_;
};

}  // namespace fracas::quorum
