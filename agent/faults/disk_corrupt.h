#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// What the service reads from its files has wrong bits: agent/faults/disk_fault.h.
extern const FaultKind kDiskCorrupt;

}  // namespace fracas::agent
