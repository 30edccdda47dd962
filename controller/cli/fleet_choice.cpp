#include "controller/cli/fleet_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "controller/world/agent_client.h"
#include "controller/inventory/inventory.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

Result<FleetAgents> choose_agents(const FleetChoice& choice) {
  if (choice.inventory.empty()) return failure("which hosts? --inventory says where they are listed", EINVAL);
  const auto inventory = load_inventory(choice.inventory);
  if (!inventory) return failure(Error(inventory.error()).context("inventory"));
  std::vector<std::string> wanted = choice.hosts;
  std::vector<model::FleetHost> chosen;
  std::vector<bool> found(wanted.size(), false);
  for (const model::FleetHost& host : inventory->host()) {
    bool meant = wanted.empty();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (host.name() != wanted[i] && std::ranges::find(host.labels(), wanted[i]) == host.labels().end()) continue;
      found[i] = meant = true;
    }
    if (meant) chosen.push_back(host);
  }
  if (const auto missing = std::ranges::find(found, false); missing != found.end())
    return failure(fmt::format("{} has no host or label {}", choice.inventory,
                               wanted[static_cast<std::size_t>(missing - found.begin())]),
                   EINVAL);
  return FleetAgents::connect(chosen, choice.credentials);
}

}  // namespace fracas::controller
