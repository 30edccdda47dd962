#pragma once
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/net_flows.h"

namespace fracas::agent {

// The flows of kinds that act on TCP connections. ERRORS: EINVAL and a sentence that begins with the kind: a bad port
// or share, a protocol that is not TCP.
Status check_tcp_flows(std::string_view kind, const model::NetFlows& flows);
// REQUIRES of both: check_tcp_flows.
std::vector<model::PortRange> ports_of(const model::NetFlows& flows);
double share_of(const model::NetFlows& flows);

}  // namespace fracas::agent
