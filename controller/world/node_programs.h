#pragma once
#include <functional>
#include <string>
#include <vector>

#include "controller/world/world.h"
#include "lib/base/result.h"

// What the bundled stores have in common on the nodes of a world.
namespace fracas::controller {

// The hosts that are no spares.
std::vector<Host> nodes_of(const std::vector<Host>& hosts);

// Where a host's member listens: "10.77.0.11:7000" or "[fd77::11]:7000".
std::string node_endpoint(const Host& host, bool ipv6);

// Starts a program on every host that is no spare, all at once. ERRORS: the first that could not be started.
Status start_nodes(World& world, const std::function<std::vector<std::string>(const Host& host)>& argv_of);

}  // namespace fracas::controller
