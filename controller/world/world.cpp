#include "controller/world/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/world/agent_client.h"

namespace fracas::controller {

const Host* World::find(std::string_view host) const {
  const auto& all = hosts();
  const auto found = std::ranges::find(all, host, &Host::name);
  return found == all.end() ? nullptr : &*found;
}

Status World::join_host(std::string_view host) const {
  return failure(
      fmt::format("nothing can be measured from the network of {}: this world has no such host, or no way "
                  "into it",
                  host));
}

Status World::start_node(const Host& host, const std::vector<std::string>& argv) {
  return start_beside_node(host, kNodeService, argv);
}

Status World::start_beside_node(const Host& host, std::string_view name, const std::vector<std::string>& argv) {
  auto pid = agent(host.name).start_service({.name = std::string(name),
                                             .argv = argv,
                                             .working_directory = host.data.string(),
                                             .output = (host.files / (std::string(name) + ".log")).string()});
  if (!pid) return failure(std::move(pid).error());
  return {};
}

Status World::stop_node(const Host& host) {
  return agent(host.name).stop_service(kNodeService);
}

}  // namespace fracas::controller
