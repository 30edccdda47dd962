#include "controller/world/lab_plan.h"

#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>

namespace fracas::controller {
namespace {

constexpr std::string_view kCgroupFolder = "fracas";
constexpr std::string_view kCgroupPrefix = "lab-";
constexpr unsigned kClientsNumber = 2;
constexpr unsigned kFirstHostNumber = 11;
constexpr std::size_t kSocketPathMax = sizeof(sockaddr_un::sun_path) - 1;

LabAddress address(unsigned number) {
  // The decimal digits are used as they are in the IPv6 address too, so that people see the same number in both.
  return {.ipv4 = fmt::format("10.77.0.{}", number), .ipv6 = fmt::format("fd77::{}", number)};
}

LabHostPlan plan_host(const LabPlan& lab, const std::string& name, unsigned number) {
  const std::filesystem::path directory = lab.directory / name;
  return {.name = name,
          .spare = false,
          .address = address(number),
          .port = "port-" + name,
          .cgroup = lab.cgroup + "/" + name,
          .agent_cgroup = lab.cgroup + "/agent-" + name,
          .directory = directory,
          .agent_state = directory / "agent",
          .data = directory / "data",
          .socket = directory / "agent.sock",
          .certificate = directory / "agent.crt",
          .key = directory / "agent.key"};
}

}  // namespace

Result<LabPlan> plan_lab(const LabSize& size, std::string_view id, const std::filesystem::path& state) {
  if (size.nodes < 1 || size.nodes > kLabNodesMax)
    return failure(fmt::format("a lab has 1 to {} nodes, not {}", kLabNodesMax, size.nodes));
  if (size.spares > kLabSparesMax)
    return failure(fmt::format("a lab has at most {} spares, not {}", kLabSparesMax, size.spares));
  LabPlan lab;
  lab.id = id;
  lab.cgroup = fmt::format("{}/{}{}", kCgroupFolder, kCgroupPrefix, id);
  lab.directory = labs_folder(state) / id;
  lab.ca = lab.directory / "ca.crt";
  lab.clients = address(kClientsNumber);
  lab.clients_port = "port-clients";
  unsigned number = kFirstHostNumber;
  for (unsigned i = 1; i <= size.nodes; ++i) lab.hosts.push_back(plan_host(lab, fmt::format("n{}", i), number++));
  for (unsigned i = 1; i <= size.spares; ++i) {
    lab.hosts.push_back(plan_host(lab, fmt::format("x{}", i), number++));
    lab.hosts.back().spare = true;
  }
  for (const LabHostPlan& host : lab.hosts)
    if (host.socket.native().size() > kSocketPathMax)
      return failure(fmt::format("the state folder {} is too deep: socket path {} has more than {} bytes",
                                 state.string(), host.socket.string(), kSocketPathMax));
  return lab;
}

bool is_lab_id(std::string_view text) {
  return text.size() == 8 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string_view lab_id_of_cgroup(std::string_view folder_name) {
  if (!folder_name.starts_with(kCgroupPrefix)) return {};
  folder_name.remove_prefix(kCgroupPrefix.size());
  return is_lab_id(folder_name) ? folder_name : std::string_view{};
}

std::filesystem::path labs_folder(const std::filesystem::path& state) {
  return state / "labs";
}

std::filesystem::path lab_lock_path(const std::filesystem::path& state, std::string_view id) {
  return labs_folder(state) / (std::string(id) + ".lock");
}

}  // namespace fracas::controller
