#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Limits the services' CPU time inside the window. See agent/resources/cpu_quota.h.
extern const FaultKind kCpuThrottle;

}  // namespace fracas::agent
