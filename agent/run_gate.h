#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include "lib/base/result.h"

namespace fracas::agent {

// Which run has this agent. A run names itself in every call (pki::kRunHeader), and nothing that comes late can speak
// for another one: not a controller that was cut off or stopped while its lease ended, and not a call that is sent
// again. A run has the agent from its first order until it leaves, or until its lease is over and another run comes;
// from then on it is over for good. Thread: any.
class RunGate {
 public:
  static constexpr std::size_t kOverMax = 10'000;  // runs that are remembered, the latest

  // Lets an order of a run pass that has the agent or, where nobody has it any more, takes it. `lease_end_ns` of the
  // agent's lease and `now_ns` are CLOCK_BOOTTIME. ERRORS: EBUSY and why: another run has it, or this one is over.
  Status admit(const std::string& run, std::int64_t lease_end_ns, std::int64_t now_ns);
  // It is over. True if it had the agent.
  bool leave(const std::string& run);
  bool has(const std::string& run) const;
  bool is_over(const std::string& run) const;

 private:
  void end(const std::string& run);

  mutable std::mutex mutex_;
  std::string holder_;  // empty: nobody
  std::deque<std::string> over_;
};

}  // namespace fracas::agent
