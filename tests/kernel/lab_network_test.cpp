#include <csignal>

#include "controller/world/lab_network.h"
#include "lib/os/netlink.h"
#include "lib/os/process.h"
#include "tests/catch/catch.h"
#include "tests/kernel/lab_reach.h"
#include "tests/kernel/net_rights.h"

using namespace fracas;
using namespace fracas::controller;
using fracas::tests::Station;

namespace {

LabPlan five_hosts() {
  return *plan_lab({.nodes = 5, .spares = 0}, "0123abcd", "/run/fracas");
}

std::vector<Station> stations(const LabPlan& plan, const LabNetwork& network, bool ipv6) {
  const auto pick = [ipv6](const LabAddress& address) { return ipv6 ? address.ipv6 : address.ipv4; };
  std::vector<Station> all{{&network.clients, pick(plan.clients)}};
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) all.push_back({&network.hosts[i], pick(plan.hosts[i].address)});
  return all;
}

}  // namespace

TEST_CASE("lab network: all hosts and the clients reach each other at once, by IPv4 and IPv6", "[kernel][lab]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const LabPlan plan = five_hosts();
  const auto network = make_lab_network(plan);
  INFO((network ? std::string() : network.error().message));
  REQUIRE(network);
  CHECK(tests::unreachable(stations(plan, *network, false)) == "");
  CHECK(tests::unreachable(stations(plan, *network, true)) == "");
}

TEST_CASE("lab network: two with the same addresses work side by side, and neither hears the other", "[kernel][lab]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const LabPlan plan = five_hosts();
  const auto one = make_lab_network(plan);
  const auto other = make_lab_network(plan);
  REQUIRE((one && other));
  CHECK(tests::unreachable(stations(plan, *one, false)) == "");
  CHECK(tests::unreachable(stations(plan, *other, false)) == "");
  const auto silent = tests::open_station({&other->hosts[1], "10.77.0.12"});
  const auto sender = tests::open_station({&one->hosts[0], "10.77.0.11"});
  const auto right = tests::open_station({&one->hosts[1], "10.77.0.12"});
  REQUIRE((silent && sender && right));
  sockaddr_storage address;
  const socklen_t size = tests::socket_address("10.77.0.12", address);
  REQUIRE(::sendto(sender->get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&address), size) == 1);
  CHECK(tests::hear(*right, 1).size() == 1);
  char text[8];
  CHECK(::recv(silent->get(), text, sizeof text, MSG_DONTWAIT) == -1);
}

TEST_CASE("lab network: nothing appears in the namespace it is made from", "[kernel][lab]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const auto ours = os::NetNamespace::create();
  REQUIRE(ours);
  auto links = [&ours] { return os::RouteSocket::open_in(*ours)->links().value().size(); };
  const std::size_t before = links();
  std::size_t during = 0;
  REQUIRE(ours->run([&]() -> Status {
    const auto network = make_lab_network(five_hosts());
    if (!network) return failure(network.error());
    during = links();
    return {};
  }));
  CHECK(during == before);
}

TEST_CASE("namespace members: a process is found by the namespace one of its threads is in, and not once it has left",
          "[kernel][lab]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const auto netns = os::NetNamespace::create();
  REQUIRE(netns);
  const unsigned long inode = netns->inode().value();
  CHECK(namespace_members({inode}).empty());
  os::LaunchOptions launch;
  launch.argv = {"/bin/sleep", "60"};
  launch.network_namespace = netns->fd();
  auto process = os::Process::launch(launch);
  REQUIRE(process);
  const auto members = namespace_members({inode});
  REQUIRE(members.size() == 1);
  CHECK(members[0].pid == process->pid());
  CHECK(members[0].command == "sleep");
  CHECK(members[0].inode == inode);
  REQUIRE(process->signal(SIGKILL));
  REQUIRE(process->wait_for(std::chrono::seconds(5)));
  CHECK(namespace_members({inode}).empty());
}
