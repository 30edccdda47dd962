#include <sys/wait.h>

#include <algorithm>
#include <array>

#include "tests/kernel/net_pair.h"
#include "tests/kernel/sockets_dialer.h"

using namespace fracas::test;
using fracas::agent::NetProtocol;
using fracas::agent::NetRule;
using std::chrono::milliseconds;

namespace {

NetRule cut_from_a() {
  return {.kind = "net.partition", .from = {"10.77.0.1", "fd77::1"}};
}

// How many of `count` packets arrive.
std::size_t passed(UdpFlow& flow, int count = 10) {
  flow.send(count);
  return flow.receive_all().size();
}

// A datagram of several fragments; whether it arrives.
bool large_datagram_passes(UdpFlow& flow) {
  const std::vector<char> data(5000, 'x');
  REQUIRE(::send(flow.from.get(), data.data(), data.size(), 0) == 5000);
  receive_at_most(flow.to, milliseconds(50));
  std::vector<char> got(6000);
  return ::recv(flow.to.get(), got.data(), got.size(), 0) == 5000;
}

// Sends ten packets to b's port 4000 from a process of that cgroup on a.
void send_from(const TestCgroup& cgroup, const NetPair& pair) {
  const Address target = address("10.77.0.2", 4000);
  const pid_t child = ::fork();
  if (child == 0) {
    // A socket belongs to the cgroup that its maker is in.
    if (!pair.a.enter()) ::_exit(1);
    if (!fracas::os::Cgroup::open(cgroup.path().filename().string())->add(::getpid())) ::_exit(2);
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    UdpFlow::Packet packet;
    for (int i = 0; i < 10; ++i)
      static_cast<void>(::sendto(socket, &packet, sizeof packet, 0, target.get(), target.size));
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
}

}  // namespace

TEST_CASE("network scope: a rule with ports covers those ports at either end, and no others", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.b);
  NetRule rule = cut_from_a();
  rule.ports = {"4000", "5000-5010"};
  auto effect = prepare(*plane, rule);
  for (const auto* there : {"10.77.0.2", "fd77::2"}) {
    auto first = udp_flow(pair.a, pair.b, there, 4000);
    auto in_range = udp_flow(pair.a, pair.b, there, 5010);
    auto outside = udp_flow(pair.a, pair.b, there, 5011);
    arm_now(*plane, *effect);
    CHECK(passed(first) == 0);
    CHECK(passed(in_range) == 0);
    CHECK(passed(outside) == 10);
    CHECK_FALSE(large_datagram_passes(first));  // its first fragment is dropped, so it is never whole
    CHECK(large_datagram_passes(outside));
    REQUIRE(effect->arm({1, 2}));
  }
}

TEST_CASE("network scope: a rule with a protocol leaves the others alone", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.b);
  NetRule rule = cut_from_a();
  rule.protocol = NetProtocol::tcp;
  auto effect = prepare(*plane, rule);
  for (const auto* there : {"10.77.0.2", "fd77::2"}) {
    const auto tcp = tcp_flow(pair.a, pair.b, there, 4000);
    auto udp = udp_flow(pair.a, pair.b, there, 4000);
    arm_now(*plane, *effect);
    CHECK_FALSE(tcp_carries(tcp, milliseconds(100)));
    CHECK(passed(udp) == 10);
    REQUIRE(effect->arm({1, 2}));
  }
}

TEST_CASE("network scope: a share of the flows is chosen by the seed, the same at both ends", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  constexpr std::size_t kFlows = 60;
  std::vector<UdpFlow> flows;
  for (std::size_t i = 0; i < kFlows; ++i)
    flows.push_back(udp_flow(pair.a, pair.b, "10.77.0.2", static_cast<std::uint16_t>(4000 + i)));
  std::array<std::vector<bool>, 3> cut;  // at the receiver, at the sender, at the receiver with another seed
  for (std::size_t way = 0; way < cut.size(); ++way) {
    auto plane = open_plane(way == 1 ? pair.a : pair.b);
    NetRule rule{.kind = "net.partition", .flow_share = 0.5, .flow_seed = way == 2 ? 8U : 7U, .seed = 1};
    (way == 1 ? rule.to : rule.from) = {way == 1 ? "10.77.0.2" : "10.77.0.1"};
    auto effect = prepare(*plane, rule);
    arm_now(*plane, *effect);
    for (UdpFlow& flow : flows) {
      flow.send(3);
      const auto arrived = flow.receive_all(milliseconds(2)).size();
      CHECK((arrived == 0 || arrived == 3));  // a flow is in or out
      cut[way].push_back(arrived == 0);
    }
  }
  CHECK(cut[0] == cut[1]);
  CHECK(cut[0] != cut[2]);
  const auto share = std::count(cut[0].begin(), cut[0].end(), true);
  CHECK(share > 15);
  CHECK(share < 45);
}

TEST_CASE("network scope: spared ports pass at either end, whatever a rule covers", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  std::unique_ptr<fracas::agent::NetPlane> plane;
  REQUIRE(pair.b.run([&]() -> fracas::Status {
    auto opened = fracas::agent::NetPlane::open({}, {.spared = {{22, 22}, {5432, 5440}}});
    if (opened) plane = std::move(*opened);
    return {};
  }));
  REQUIRE(plane);
  auto ssh = tcp_flow(pair.a, pair.b, "10.77.0.2", 22);
  auto protected_port = udp_flow(pair.a, pair.b, "10.77.0.2", 5440);
  auto other = udp_flow(pair.a, pair.b, "10.77.0.2", 5441);
  auto cut = prepare(*plane, {.kind = "net.partition", .from = {"0.0.0.0/0", "::/0"}, .to = {"0.0.0.0/0"}});
  auto delay = prepare(*plane, {.kind = "net.delay", .to = {"0.0.0.0/0"}, .delay = milliseconds(500)});
  arm_now(*plane, *cut);
  arm_now(*plane, *delay);
  CHECK(tcp_carries(ssh, milliseconds(200)));
  CHECK(passed(protected_port) == 10);
  CHECK(passed(other) == 0);
  // One that is opened while the fault acts, too.
  const auto later = tcp_flow(pair.a, pair.b, "fd77::2", 5432);
  CHECK(tcp_carries(later, milliseconds(200)));
  CHECK(cut->counters().affected >= 10);  // and what else the hosts tell each other
}

TEST_CASE("network scope: bad ports and shares are refused by name", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto refused = [&plane](NetRule rule) {
    rule.from = {"10.77.0.2"};
    auto effect = plane->prepare(rule);
    return effect ? std::string() : effect.error().message;
  };
  CHECK(refused({.kind = "net.loss", .ports = {"80-70"}}) ==
        "net.loss: \"80-70\" is no port or range of ports such as 80 or 9000-9100");
  CHECK(refused({.kind = "net.loss", .ports = {"http"}}).ends_with("such as 80 or 9000-9100"));
  CHECK(refused({.kind = "net.loss", .ports = {"1", "2", "3", "4", "5", "6", "7", "8", "9"}}) ==
        "net.loss: more than 8 ranges of ports");
  CHECK(refused({.kind = "net.loss", .ports = {"1"}, .protocol = NetProtocol::icmp}) == "net.loss: ICMP has no ports");
  CHECK(refused({.kind = "net.loss", .flow_share = 0}) == "net.loss: flow_share 0 is not in (0, 1]");
  CHECK(refused({.kind = "net.bandwidth"}).starts_with("net.bandwidth: a rate of 0 bytes a second"));
  CHECK(refused({.kind = "net.magic"}) == "net.magic: no network fault of this kind");
}

TEST_CASE("network scope: a rule for the processes of a cgroup covers what they send alone", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  if (!fracas::os::Cgroup::mount_point()) FRACAS_SKIP("no cgroup2 file system is mounted");
  const NetPair pair = make_pair();
  const TestCgroup victim("scope");
  auto plane = open_plane(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  SECTION("dropped") {
    auto cut =
        prepare(*plane, {.kind = "net.partition", .to = {"10.77.0.2"}, .cgroups = {victim.path().string()}, .loss = 1});
    arm_now(*plane, *cut);
    send_from(victim, pair);
    CHECK(flow.receive_all().empty());
    CHECK(passed(flow) == 10);
    CHECK(cut->counters().matched == 10);
    CHECK(cut->counters().affected == 10);
  }
  SECTION("held") {
    auto slow = prepare(
        *plane,
        {.kind = "net.delay", .to = {"10.77.0.2"}, .cgroups = {victim.path().string()}, .delay = milliseconds(200)});
    arm_now(*plane, *slow);
    send_from(victim, pair);
    CHECK(flow.receive_all().empty());
    CHECK(passed(flow) == 10);
    CHECK(flow.receive_all(milliseconds(400)).size() == 10);
  }
}
