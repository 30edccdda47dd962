#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Cuts the live TCP connections of its scope, once: agent/sockets/net_reset.h.
extern const FaultKind kNetReset;

}  // namespace fracas::agent
