#include <fmt/format.h>

#include "agent/bpf/net_program.h"
#include "agent/faults/net.h"
#include "lib/os/netlink.h"

namespace fracas::agent {
namespace {

Result<std::vector<std::string>> own_devices(const os::RouteSocket& socket) {
  auto links = socket.links();
  if (!links) return failure(std::move(links).error());
  std::vector<std::string> names;
  for (const os::LinkInfo& link : *links)
    if (link.name.starts_with(kDetourPrefix)) names.push_back(link.name);
  return names;
}

}  // namespace

std::vector<std::string> find_net_leftovers() {
  std::vector<std::string> found;
  auto socket = os::RouteSocket::open();
  if (!socket) return found;
  if (auto devices = own_devices(*socket))
    for (const std::string& name : *devices) found.push_back(fmt::format("device {}", name));
  if (auto filters = find_net_filters()) found.insert(found.end(), filters->begin(), filters->end());
  return found;
}

Status remove_net_leftovers() {
  // Filters first: without them nothing is sent to a device that is going away.
  Status outcome = remove_net_filters();
  auto socket = os::RouteSocket::open();
  if (!socket) return failure(std::move(socket).error());
  auto devices = own_devices(*socket);
  if (!devices) return failure(std::move(devices).error());
  for (const std::string& name : *devices)
    if (auto deleted = socket->delete_link(name); !deleted && outcome) outcome = std::move(deleted);
  return outcome;
}

}  // namespace fracas::agent
