#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// System calls of the services fail: agent/faults/syscall_fault.h.
extern const FaultKind kSyscallError;

}  // namespace fracas::agent
