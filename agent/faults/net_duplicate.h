#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Sends a share of the packets of its scope on twice, in the classifier.
extern const FaultKind kNetDuplicate;

}  // namespace fracas::agent
