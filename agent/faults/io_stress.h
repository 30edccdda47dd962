#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Writes and syncs nameless files in the folder the service works in. See agent/resources/stress_crew.h.
extern const FaultKind kIoStress;

}  // namespace fracas::agent
