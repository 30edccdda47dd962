#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "targets/node/sim/sim_attempts.h"
#include "targets/raft/client/administrator.h"
#include "targets/raft/client/call_policy.h"

namespace fracas::raft {

class RaftProcess;

// A client of a simulated cluster: call_policy.h over simulated connections. One call at a time; spent after an
// indeterminate write, like the real one.
class SimClient : public sim::FromLocal<SimClient> {
 public:
  struct Options {
    std::uint64_t client = 0;             // names the session; also says which node is asked first
    std::vector<std::size_t> nodes = {};  // members of the cluster that it asks; empty: all
    Duration attempt_timeout = std::chrono::milliseconds(300);
  };
  using Done = sim::InlineFunction<void(CallResult&& result), 32>;

  // `cluster` is one of make_sim_cluster.
  SimClient(sim::Scheduler& scheduler, sim::Network& network, node::SimCluster& cluster, const Options& options);

  void get(std::string key, Duration timeout, Done done);
  void write(std::string key, Operation operation, Duration timeout, Done done);
  void administer(AdminAction action, Duration timeout, Done done);

 private:
  using Ask = std::function<void(RaftProcess& member, node::AnsweredWith<Reply>&& answered)>;
  struct Call {
    sim::Local<const Ask> ask;  // of all attempts
    bool is_write = false;
    Duration deadline{};
    Done done;
    CallPolicy policy;
  };
  void begin(Ask ask, bool is_write, Duration timeout, Done done);
  void attempt();
  void learn(Attempt attempt);
  void finish();

  sim::Scheduler& scheduler_;
  Options options_;
  ClientSession session_;
  sim::Local<node::SimAttempts<Reply>> attempts_;
  std::vector<std::string> names_;  // of options_.nodes
  std::size_t first_ = 0;           // index into them
  std::optional<Call> call_;
};

}  // namespace fracas::raft
