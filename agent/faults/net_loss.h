#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Drops a share of the packets of its scope, each judged by itself, silently, in the classifier.
extern const FaultKind kNetLoss;

}  // namespace fracas::agent
