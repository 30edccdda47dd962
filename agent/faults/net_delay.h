#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Holds packets that leave to the peers of its scope, on a detour: agent/faults/net_detours.h.
extern const FaultKind kNetDelay;

}  // namespace fracas::agent
