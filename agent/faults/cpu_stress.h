#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Burns CPU time beside the services inside the window. See agent/resources/stress_crew.h.
extern const FaultKind kCpuStress;

}  // namespace fracas::agent
