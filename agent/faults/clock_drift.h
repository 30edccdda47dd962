#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Lets the victims' clocks run too fast or too slow. See agent/faults/clock_fault.h.
extern const FaultKind kClockDrift;

}  // namespace fracas::agent
