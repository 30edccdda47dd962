#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Flips a bit in a share of the packets of its scope: in the classifier if their checksums are to stay right, else in a
// delay line.
extern const FaultKind kNetCorrupt;

}  // namespace fracas::agent
