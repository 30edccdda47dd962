#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Answers, or drops, DNS queries for chosen names in the classifier, before they leave the host.
extern const FaultKind kNetDns;

}  // namespace fracas::agent
