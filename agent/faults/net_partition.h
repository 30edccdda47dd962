#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Drops every packet of its scope, silently, in the classifier.
extern const FaultKind kNetPartition;

}  // namespace fracas::agent
