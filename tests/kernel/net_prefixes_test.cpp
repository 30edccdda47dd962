// Faults between a host and addresses that are of no host of the experiment: from the experiment's text to the packets,
// through the planner and the real agent.
#include "controller/plan/resolve.h"
#include "controller/plan/timeline.h"
#include "lib/model/experiment.h"
#include "tests/kernel/agent_fixture.h"
#include "tests/kernel/net_pair.h"

using namespace fracas;
using namespace fracas::test;

namespace {

// What the fault means for host n1, which is the agent's.
model::Injection planned_for_n1(const std::string& fault) {
  const auto file = model::read_experiment_text(
      "name = \"t\"\nduration_max = \"2m\"\n[target]\nkind = \"raft\"\n[workload]\nkind = \"register\"\n[[fault]]\n" +
          fault,
      "t.toml");
  INFO((file ? "" : file.error().message));
  REQUIRE(file);
  const auto timeline = controller::plan(*file, 1);
  REQUIRE(timeline);
  const std::map<std::string, controller::HostAddresses> addresses = {{"n1", {"10.77.0.1", "fd77::1"}},
                                                                      {"n2", {"10.77.0.2", "fd77::2"}}};
  const auto resolved =
      controller::resolve(file->experiment(), timeline->planned[0], timeline->hosts, {}, addresses, "node");
  INFO((resolved ? "" : resolved.error().message));
  REQUIRE(resolved);
  return *resolved->injections.at("n1");
}

// The neighbour n2 has a second address of each family, which stands for a host outside.
os::NetNamespace join_outside(const os::NetNamespace& host) {
  os::NetNamespace neighbour = join_neighbour(host);
  auto socket = os::RouteSocket::open_in(neighbour);
  REQUIRE(socket);
  REQUIRE(socket->add_address("vb", "10.77.0.66/24"));
  REQUIRE(socket->add_address("vb", "fd77::66/64"));
  return neighbour;
}

}  // namespace

TEST_CASE("prefixes: packets to an address outside the experiment are lost, those to its hosts are not",
          "[kernel][agent][vm]") {
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces");
  const auto* fault = GENERATE(
      "kind = \"net.loss\"\nloss = \"100%\"\ndirection = \"both\"\nprefixes = [\"10.77.0.64/26\", \"fd77::66\"]\n",
      "kind = \"net.partition\"\nshape = \"isolate\"\non = \"n1\"\nprefixes = [\"10.77.0.66\", \"fd77::60/123\"]\n");
  CAPTURE(fault);
  AgentFixture fixture;
  const os::NetNamespace neighbour = join_outside(fixture.netns());
  fixture.start();
  std::vector<UdpFlow> outside;
  std::vector<UdpFlow> inside;
  for (const char* address : {"10.77.0.66", "fd77::66"})
    outside.push_back(udp_flow(fixture.netns(), neighbour, address, 4000));
  for (const char* address : {"10.77.0.2", "fd77::2"})
    inside.push_back(udp_flow(fixture.netns(), neighbour, address, 4001));
  fixture.inject("away", planned_for_n1(fault), 60s, 60s);
  for (UdpFlow& flow : outside) CHECK(eventually(2s, [&] { return !arrives(flow); }));
  for (UdpFlow& flow : inside) CHECK(arrives(flow));
  const auto counters = fixture.client().renew(60s);
  REQUIRE(counters);
  REQUIRE(counters->size() == 1);
  CHECK(counters->front().counters.affected >= 10);
  REQUIRE(fixture.client().revert("away"));
  for (UdpFlow& flow : outside) CHECK(arrives(flow));
}

TEST_CASE("prefixes: what arrives from an address outside is held, and connects to it are refused", "[kernel][agent]") {
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces");
  AgentFixture fixture;
  const os::NetNamespace neighbour = join_outside(fixture.netns());
  fixture.start();
  const auto held = planned_for_n1(
      "kind = \"net.delay\"\ndelay = \"50ms\"\ndirection = \"in\"\nprefixes = [\"10.77.0.66\"]\nprotocol = \"tcp\"\n");
  fixture.inject("late", held, 60s, 60s);
  // Its answers are late.
  const auto outside = tcp_flow(fixture.netns(), neighbour, "10.77.0.66", 4000);
  CHECK(tcp_carries(outside, 2s));
  CHECK(info_of(outside.from).tcpi_rtt >= 50'000);
  const auto before = fixture.client().renew(60s);
  REQUIRE(before);
  const auto inside = tcp_flow(fixture.netns(), neighbour, "10.77.0.2", 4000);
  CHECK(tcp_carries(inside, 2s));
  const auto after = fixture.client().renew(60s);
  REQUIRE(after);
  CHECK(before->front().counters.matched > 0);
  CHECK(after->front().counters.matched == before->front().counters.matched);
  // Cut by its address alone.
  const auto reset = planned_for_n1("kind = \"net.reset\"\nprefixes = [\"10.77.0.64/26\"]\n");
  fixture.inject("cut", reset, 100ms, 60s);
  CHECK(eventually(2s, [&] { return !tcp_carries(outside, 10ms); }));
  CHECK(tcp_carries(inside, 2s));
}
