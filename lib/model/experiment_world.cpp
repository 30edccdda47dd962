#include <fmt/format.h>

#include <set>

#include "lib/model/experiment.pb.h"
#include "lib/model/experiment_rules.h"
#include "lib/model/lab_size.h"
#include "lib/model/selection.h"

namespace fracas::model {
namespace {

bool check_fleet(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  const World& world = experiment.world();
  if (world.host_size() == 0) {
    mistakes.add(places.find("world"), "a fleet needs `inventory`, or [[world.host]] tables");
    return false;
  }
  if (!world.inventory().empty())
    mistakes.add(places.find("world.inventory"), "hosts stand in the inventory or in [[world.host]], not in both");
  if (world.spares() > 0) mistakes.add(places.find("world.spares"), "a fleet has no spares");
  if (!experiment.target().has_external())
    mistakes.add(places.find("target.kind"),
                 fmt::format("target {} is started by fracas, and on a fleet nothing is: only target external, which "
                             "runs there already, fits",
                             kind_of(experiment.target())));
  check_names(node_names(host_counts(experiment)), "world.host", places, mistakes);
  return true;
}

}  // namespace

bool check_world(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  const World& world = experiment.world();
  if (world.kind() == WORLD_KIND_FLEET) return check_fleet(experiment, places, mistakes);
  const auto fleet_only = [&](bool there, const char* key) {
    if (there) mistakes.add(places.find(fmt::format("world.{}", key)), fmt::format("{} is for kind = \"fleet\"", key));
  };
  fleet_only(!world.inventory().empty(), "inventory");
  fleet_only(!world.credentials().empty(), "credentials");
  fleet_only(world.host_size() > 0, "host");
  if (world.kind() == WORLD_KIND_LAB && world.nodes() > kLabNodesMax)
    mistakes.add(places.find("world.nodes"),
                 fmt::format("a lab has at most {} nodes, not {}; a simulated world may have more", kLabNodesMax,
                             world.nodes()));
  if (experiment.target().has_external())
    mistakes.add(places.find("target.kind"), "target external runs on the hosts of a fleet: world.kind = \"fleet\"");
  return true;
}

void check_names(const std::vector<std::string>& names, std::string_view path, const Places& places,
                 Mistakes& mistakes) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Place& place = places.find(fmt::format("{}[{}].name", path, i));
    if (!seen.insert(names[i]).second) mistakes.add(place, fmt::format("host {} is there twice", names[i]));
    if (is_selection_word(names[i]))
      mistakes.add(place, fmt::format("no host can be called {}: it means something else in `on`", names[i]));
  }
}

}  // namespace fracas::model
