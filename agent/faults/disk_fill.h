#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Files of the service cannot grow: agent/faults/disk_fault.h.
extern const FaultKind kDiskFill;

}  // namespace fracas::agent
