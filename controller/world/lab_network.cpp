#include "controller/world/lab_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "lib/os/file.h"
#include "lib/os/netlink.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBridge = "bridge";
constexpr unsigned kMtu = 1500;

// Settings that links take over when they are made. A host keeps its link-local address, which neighbour discovery
// probes with, but asks no router and trusts none.
Status quieten(const os::NetNamespace& host) {
  for (const char* key : {"accept_dad", "dad_transmits", "accept_ra", "autoconf", "router_solicitations"})
    if (auto set = os::set_net_sysctl(host, fmt::format("ipv6/conf/default/{}", key), "0"); !set) return set;
  return {};
}

struct Cable {
  std::string port;
  const os::NetNamespace* end;
  LabAddress address;
};

Status configure_end(const Cable& cable) {
  auto socket = os::RouteSocket::open_in(*cable.end);
  if (!socket) return failure(std::move(socket).error());
  if (auto done = socket->set_mtu(kLabInterface, kMtu); !done) return done;
  if (auto done = socket->add_address(kLabInterface, cable.address.ipv4_interface()); !done) return done;
  if (auto done = socket->add_address(kLabInterface, cable.address.ipv6_interface()); !done) return done;
  return socket->set_up(kLabInterface);
}

Status lay_cable(os::RouteSocket& hub, const Cable& cable) {
  if (auto done = quieten(*cable.end); !done) return done;
  if (auto done = hub.create_veth({.name = cable.port}, {.name = std::string(kLabInterface), .netns = cable.end});
      !done)
    return done;
  if (auto done = hub.set_mtu(cable.port, kMtu); !done) return done;
  if (auto done = hub.set_master(cable.port, kBridge); !done) return done;
  if (auto done = hub.set_up(cable.port); !done) return done;
  return configure_end(cable);
}

// The switch only passes frames on: it has no addresses of its own.
Result<os::RouteSocket> make_hub(const os::NetNamespace& netns) {
  if (auto done = os::set_net_sysctl(netns, "ipv6/conf/default/disable_ipv6", "1"); !done)
    return failure(std::move(done).error());
  auto hub = os::RouteSocket::open_in(netns);
  if (!hub) return hub;
  if (auto done = hub->create_bridge(kBridge); !done) return failure(std::move(done).error());
  if (auto done = hub->set_up(kBridge); !done) return failure(std::move(done).error());
  return hub;
}

Result<LabNetwork> make_namespaces(std::size_t hosts) {
  auto hub = os::NetNamespace::create();
  if (!hub) return failure(std::move(hub).error());
  auto clients = os::NetNamespace::create();
  if (!clients) return failure(std::move(clients).error());
  LabNetwork network{.hub = *std::move(hub), .clients = *std::move(clients), .hosts = {}};
  for (std::size_t i = 0; i < hosts; ++i) {
    auto host = os::NetNamespace::create();
    if (!host) return failure(std::move(host).error());
    network.hosts.push_back(*std::move(host));
  }
  return network;
}

bool has_thread_in(const fs::path& process, const std::vector<unsigned long>& inodes, NamespaceMember& member) {
  std::error_code failed;
  for (fs::directory_iterator thread(process / "task", failed), end; !failed && thread != end;
       thread.increment(failed)) {
    std::error_code gone;
    const std::string link = fs::read_symlink(thread->path() / "ns/net", gone).string();  // "net:[4026532008]"
    const std::size_t bracket = link.find('[');
    if (gone || bracket == std::string::npos) continue;
    const char* digits = link.data() + bracket + 1;
    if (std::from_chars(digits, link.data() + link.size(), member.inode).ec != std::errc()) continue;
    if (std::ranges::find(inodes, member.inode) != inodes.end()) return true;
  }
  return false;
}

}  // namespace

Result<LabNetwork> make_lab_network(const LabPlan& plan) {
  auto network = make_namespaces(plan.hosts.size());
  if (!network) return failure(std::move(network).error().context("lab network"));
  auto hub = make_hub(network->hub);
  if (!hub) return failure(std::move(hub).error().context("lab network: switch"));
  std::vector<Cable> cables{{.port = plan.clients_port, .end = &network->clients, .address = plan.clients}};
  for (std::size_t i = 0; i < plan.hosts.size(); ++i)
    cables.push_back({.port = plan.hosts[i].port, .end = &network->hosts[i], .address = plan.hosts[i].address});
  for (const Cable& cable : cables)
    if (auto laid = lay_cable(*hub, cable); !laid)
      return failure(std::move(laid).error().context("lab network: " + cable.port));
  return network;
}

std::vector<NamespaceMember> namespace_members(const std::vector<unsigned long>& inodes) {
  std::vector<NamespaceMember> members;
  std::error_code failed;
  for (fs::directory_iterator process("/proc", failed), end; !failed && process != end; process.increment(failed)) {
    const std::string name = process->path().filename();
    NamespaceMember member;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), member.pid);
    if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) continue;
    if (!has_thread_in(process->path(), inodes, member)) continue;
    member.command = os::read_file(process->path() / "comm").value_or("?");
    while (!member.command.empty() && member.command.back() == '\n') member.command.pop_back();
    members.push_back(std::move(member));
  }
  return members;
}

}  // namespace fracas::controller
