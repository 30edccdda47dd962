#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Files of the service do so many bytes and calls a second: agent/faults/disk_fault.h.
extern const FaultKind kDiskThrottle;

}  // namespace fracas::agent
