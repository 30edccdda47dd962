#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "controller/world/fleet.h"
#include "lib/base/result.h"

namespace fracas::controller {

// Which agents a command is about.
struct FleetChoice {
  std::string inventory;              // as world.inventory
  std::filesystem::path credentials;  // empty: PkiFolder::default_folder()
  std::vector<std::string> hosts;     // names or labels of the inventory; empty: all
};

// ERRORS: an inventory that cannot be had; a host that is not in it (EINVAL); credentials that do not hold.
Result<FleetAgents> choose_agents(const FleetChoice& choice);

}  // namespace fracas::controller
