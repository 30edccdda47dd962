#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Calls on files of the service fail: agent/faults/disk_fault.h.
extern const FaultKind kDiskError;

}  // namespace fracas::agent
