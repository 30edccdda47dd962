#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Lets the victims' wall clock jump to and fro between two offsets. See agent/faults/clock_fault.h.
extern const FaultKind kClockStrobe;

}  // namespace fracas::agent
