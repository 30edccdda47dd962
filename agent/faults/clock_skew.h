#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Sets the victims' clocks ahead or behind by a fixed offset. See agent/faults/clock_fault.h.
extern const FaultKind kClockSkew;

}  // namespace fracas::agent
