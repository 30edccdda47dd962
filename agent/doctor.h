#pragma once
#include <vector>

#include "agent/faults/net.h"

namespace fracas::agent {

// What every fault kind would use on this host, or what is missing for it; all tried for real, on namespaces, cgroups
// and processes made for the purpose. Takes up to a second.
std::vector<NetSupport> examine();

}  // namespace fracas::agent
