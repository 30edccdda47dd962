#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/services.h"
#include "agent/timed_effect.h"

namespace fracas::agent {

// What a kill is about to do, for the ledger.
struct KillPlan {
  std::vector<std::string> restart;  // services that run now
  std::vector<os::ProcessIdentity> killed;
};

// Signals every process of the services at the window's start, exactly once, by pidfd; starts them again
// `restart_after` the kill, or on `revert` (the end of window or lease). A service that did not run at the kill is not
// started. Counts the processes found and those the signal reached. `before_kill` is called before the first signal; if
// it fails nothing is killed. REQUIRES: `services` outlives it. Source: pidfd_send_signal(2).
std::unique_ptr<TimedEffect> make_process_kill(Services& services, const ProcessKillRule& rule,
                                               std::function<Status(const KillPlan&)> before_kill);

}  // namespace fracas::agent
