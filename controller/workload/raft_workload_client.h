#pragma once
#include <map>
#include <string>

#include "controller/workload/client.h"

namespace fracas::controller {

// Clients of the bundled Raft store. `nodes` maps names to "ADDRESS:PORT". Each waits `attempt_timeout` for one node
// before it asks another; they start at different nodes.
ClientFactory raft_clients(const std::map<std::string, std::string>& nodes, Duration attempt_timeout);

}  // namespace fracas::controller
