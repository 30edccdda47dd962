#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Calls on files of the service fail: by LSM programs (agent/disk/file_gate.h) where the kernel asks them and they
// serve all of the rule, else by a disk server (agent/faults/disk_fault.h).
extern const FaultKind kDiskError;

}  // namespace fracas::agent
