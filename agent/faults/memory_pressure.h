#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Holds memory inside the services' limits. See agent/resources/stress_crew.h. Refuses to take more than 90 % of what
// the machine has available, because then the kernel would end processes that are nobody's victims.
extern const FaultKind kMemoryPressure;

}  // namespace fracas::agent
