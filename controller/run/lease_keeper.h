#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "controller/world/agent_client.h"
#include "controller/world/world.h"

namespace fracas::controller {

// Renews every agent's lease four times in its length, for as long as it exists, and remembers what the faults did so
// far. An agent that could not be reached for half a lease is reported once as lost. The agents are not asked all at
// once but one after the other, so that there is room for other calls between.
class LeaseKeeper {
 public:
  using Lost = std::function<void(const std::string& host, const Error& error)>;

  // `world` outlives it. `lost` is called on the keeper's thread.
  LeaseKeeper(World& world, Duration lease, Lost lost);
  // Waits for the calls under way.
  ~LeaseKeeper();

  // What fault `id` did on all hosts together up to now.
  std::uint64_t affected(const std::string& id) const;

 private:
  struct Kept {
    AgentClient* agent = nullptr;
    std::string host{};
    std::int64_t heard_ns = 0;  // when the call began that was the last to be answered
    std::int64_t next_ns = 0;
    bool asked = false;  // a call is under way
    bool lost = false;
    std::optional<Error> error{};  // of the last call
    std::vector<FaultCounters> faults{};
  };

  void keep(const std::stop_token& stopping);
  void ask(Kept& kept, std::int64_t now_ns);
  void hear(Kept& kept, std::int64_t asked_ns, Result<std::vector<FaultCounters>> answer);

  Duration lease_;
  Lost lost_;
  mutable std::mutex mutex_;
  std::condition_variable_any heard_;
  std::vector<Kept> kept_;  // guarded by the mutex, but for `agent` and `host`
  std::jthread thread_;
};

}  // namespace fracas::controller
