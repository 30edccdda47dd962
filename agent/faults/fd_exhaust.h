#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Leaves the services no file descriptors. See agent/resources/fd_limit.h.
extern const FaultKind kFdExhaust;

}  // namespace fracas::agent
