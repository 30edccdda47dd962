#pragma once
#include <string>
#include <utility>
#include <vector>

#include "controller/workload/client.h"
#include "controller/workload/quorum_calls.h"
#include "targets/node/wire/socket.h"

namespace fracas::controller {

// Clients of the bundled quorum store. Each waits `attempt_timeout` for one node before it asks another; they start at
// different nodes.
ClientFactory quorum_clients(const std::vector<std::pair<std::string, node::Address>>& nodes, const QuorumCalls& calls,
                             Duration attempt_timeout);

}  // namespace fracas::controller
