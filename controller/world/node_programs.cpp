#include "controller/world/node_programs.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <thread>

namespace fracas::controller {
namespace {

constexpr unsigned kPort = 7000;

}  // namespace

std::vector<Host> nodes_of(const std::vector<Host>& hosts) {
  std::vector<Host> nodes;
  std::ranges::copy_if(hosts, std::back_inserter(nodes), [](const Host& host) { return !host.spare; });
  return nodes;
}

std::string node_endpoint(const Host& host, bool ipv6) {
  return ipv6 ? fmt::format("[{}]:{}", host.ipv6, kPort) : fmt::format("{}:{}", host.ipv4, kPort);
}

Status start_nodes(World& world, const std::function<std::vector<std::string>(const Host& host)>& argv_of) {
  const std::vector<Host> nodes = nodes_of(world.hosts());
  std::vector<Status> outcomes(nodes.size());
  {
    std::vector<std::jthread> starters;
    for (std::size_t i = 0; i < nodes.size(); ++i)
      starters.emplace_back([&, i] { outcomes[i] = world.start_node(nodes[i], argv_of(nodes[i])); });
  }
  for (Status& outcome : outcomes)
    if (!outcome) return std::move(outcome);
  return {};
}

}  // namespace fracas::controller
