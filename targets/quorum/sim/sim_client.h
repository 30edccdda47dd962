#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "targets/node/sim/sim_attempts.h"
#include "targets/quorum/client/call_policy.h"

namespace fracas::quorum {

// A client of a simulated store: call_policy.h over simulated connections. One call at a time; not to be used any more
// after an indeterminate write.
class SimClient : public sim::FromLocal<SimClient> {
 public:
  struct Options {
    std::uint64_t first = 0;              // says which node is asked first
    std::vector<std::size_t> nodes = {};  // members of the cluster that it asks; empty: all
    Duration attempt_timeout = std::chrono::milliseconds(300);
  };
  using Done = std::function<void(const CallResult& result)>;

  // `cluster` is one of make_sim_cluster.
  SimClient(sim::Scheduler& scheduler, sim::Network& network, node::SimCluster& cluster, const Options& options);

  void call(Request request, Duration timeout, Done done);

 private:
  struct Call {
    sim::Local<const Request> request;  // of all attempts
    Duration deadline{};
    Done done;
    CallPolicy policy;
  };
  void attempt();
  void learn(const Attempt& attempt);
  void finish();

  sim::Scheduler& scheduler_;
  Options options_;
  sim::Local<node::SimAttempts<Reply>> attempts_;
  std::vector<std::string> names_;  // of options_.nodes
  std::size_t first_ = 0;           // index into them
  Contexts contexts_;
  std::optional<Call> call_;
};

}  // namespace fracas::quorum
