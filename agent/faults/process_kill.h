#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Signals every process of the services at the window's start, exactly once, by pidfd; starts them again
// `restart_after` the kill, or on `revert` (the end of window or lease). A service that did not run at the kill is not
// started, and chosen processes are never started again: nobody here knows how. Counts the processes found and those
// the signal reached. What it is about to kill is noted before the first signal, so that the guardian can start it
// again. Source: pidfd_send_signal(2).
extern const FaultKind kProcessKill;

}  // namespace fracas::agent
