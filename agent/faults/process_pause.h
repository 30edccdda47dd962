#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Freezes the services' processes at the window's start and thaws them on `revert`, by the cgroup v2 freezer where
// there is one ("freezer"), else by SIGSTOP ("sigstop"). Processes that are chosen by what they are
// are stopped one by one (agent/faults/process_stop.h). Counts the processes found and how many of them it saw frozen.
// Source: Documentation/admin-guide/cgroup-v2.rst, cgroup.freeze.
extern const FaultKind kProcessPause;

}  // namespace fracas::agent
