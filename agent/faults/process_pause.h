#pragma once
#include <memory>
#include <vector>

#include "agent/services.h"
#include "agent/timed_effect.h"

namespace fracas::agent {

// Freezes the services' processes at the window's start and thaws them on `revert`, by the cgroup v2 freezer where
// there is one ("freezer"), else by SIGSTOP ("sigstop"). Counts the processes found and how many of them it saw frozen.
// REQUIRES: `services` outlives it. Source: Documentation/admin-guide/cgroup-v2.rst, cgroup.freeze.
std::unique_ptr<TimedEffect> make_process_pause(Services& services, std::vector<ServiceSite> victims);

}  // namespace fracas::agent
