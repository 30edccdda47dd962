#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Kills or stops a process of the service as it enters the N-th of the chosen system calls. After a kill the rest of
// the service is killed too, and it is started again `restart_after` that, or at the end. See
// agent/resources/crash_point.h. The kernel ends it by itself with window, lease or agent; the guardian starts a
// service again that was running when the fault was armed and whose main process is gone.
extern const FaultKind kProcessCrashPoint;

}  // namespace fracas::agent
