#pragma once
#include <vector>

#include "agent/fault_support.h"

namespace fracas::agent {

// What every kind of the catalogue would use on this host, or what is missing for it; all tried for real, on
// namespaces, cgroups and processes made for the purpose. Takes about a second.
std::vector<FaultSupport> examine();

}  // namespace fracas::agent
