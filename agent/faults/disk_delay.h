#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Calls on files of the service take longer: agent/faults/disk_fault.h.
extern const FaultKind kDiskDelay;

}  // namespace fracas::agent
