#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// System calls of the services take longer: agent/faults/syscall_fault.h.
extern const FaultKind kSyscallDelay;

}  // namespace fracas::agent
