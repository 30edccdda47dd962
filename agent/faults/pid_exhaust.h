#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Lets the services start no processes and threads. See agent/resources/pid_limit.h.
extern const FaultKind kPidExhaust;

}  // namespace fracas::agent
