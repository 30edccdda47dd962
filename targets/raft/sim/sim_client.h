#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/sim/connection.h"
#include "targets/raft/client/call_policy.h"
#include "targets/raft/sim/sim_cluster.h"

namespace fracas::raft {

// A client of a simulated cluster: call_policy.h over simulated connections. One call at a time; spent after an
// indeterminate write, like the real one.
class SimClient : public std::enable_shared_from_this<SimClient> {
 public:
  struct Options {
    std::uint64_t client = 0;  // names the session; also says which node is asked first
    Duration attempt_timeout = std::chrono::milliseconds(300);
  };
  using Done = std::function<void(CallResult result)>;

  SimClient(sim::Scheduler& scheduler, sim::Network& network, SimCluster& cluster, const Options& options);

  void get(std::string key, Duration timeout, Done done);
  void write(std::string key, Operation operation, Duration timeout, Done done);

 private:
  struct Call {
    std::optional<Command> command;  // nothing: a read
    std::string key;
    Duration deadline{};
    Done done;
    CallPolicy policy;
  };
  void begin(std::optional<Command> command, std::string key, Duration timeout, Done done);
  void attempt();
  void ask(const std::shared_ptr<sim::Connection>& connection, std::uint64_t number);
  void watch(const std::shared_ptr<sim::Connection>& connection, std::uint64_t number, Duration give_up);
  void conclude(std::uint64_t number, Attempt attempt);
  void finish();

  sim::Scheduler& scheduler_;
  sim::Network& network_;
  SimCluster& cluster_;
  Options options_;
  ClientSession session_;
  std::vector<std::shared_ptr<sim::Connection>> connections_;  // one a node, where there is one
  std::size_t first_ = 0;
  std::optional<Call> call_;
  std::uint64_t attempts_ = 0;  // the number of the one under way
  bool sent_ = false;
};

}  // namespace fracas::raft
