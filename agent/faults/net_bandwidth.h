#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Sends the packets of its scope on at a limited rate, from a delay line's queue.
extern const FaultKind kNetBandwidth;

}  // namespace fracas::agent
