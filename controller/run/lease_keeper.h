#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "controller/world/agent_client.h"
#include "controller/world/world.h"

namespace fracas::controller {

// Renews every agent's lease four times in its length, for as long as it exists, and remembers what the faults did so
// far. An agent that could not be reached for half a lease is reported once as lost.
class LeaseKeeper {
 public:
  using Lost = std::function<void(const std::string& host, const Error& error)>;

  // `world` outlives it. `lost` is called on a thread of the keeper.
  LeaseKeeper(World& world, Duration lease, Lost lost);

  // What fault `id` did on all hosts together up to now.
  std::uint64_t affected(const std::string& id) const;

 private:
  void keep(AgentClient& agent, const std::string& host, const std::stop_token& stopping);

  Duration lease_;
  Lost lost_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<FaultCounters>> latest_;  // by host
  std::vector<std::jthread> threads_;
};

}  // namespace fracas::controller
