#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Holds a share of the packets of its scope in a delay line while the others pass.
extern const FaultKind kNetReorder;

}  // namespace fracas::agent
