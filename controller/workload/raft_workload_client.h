#pragma once
#include <map>
#include <string>

#include "controller/workload/client.h"
#include "controller/workload/raft_calls.h"

namespace fracas::controller {

// Clients of the bundled Raft store that make `calls`. `nodes` maps names to "ADDRESS:PORT". Each waits
// `attempt_timeout` for one node before it asks another; they start at different nodes.
ClientFactory raft_clients(const std::map<std::string, std::string>& nodes, const RaftCalls& calls,
                           Duration attempt_timeout);

}  // namespace fracas::controller
