// Faults that hold or break what arrives. The data plane is at the receiver, `b`.
#include <algorithm>
#include <array>
#include <cmath>
#include <thread>

#include "tests/kernel/net_pair.h"
#include "tests/kernel/net_stream.h"

using namespace fracas::test;
using fracas::Status;
using fracas::agent::NetRule;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

const std::vector<std::string> kSender = {"10.77.0.1", "fd77::1"};

std::int64_t one_way_ns(const UdpFlow::Packet& packet) {
  return packet.received_ns - packet.sent_ns;
}

// So many packets, or those that come until nothing has come for ten seconds: the machine may be busy.
std::vector<UdpFlow::Packet> take(UdpFlow& flow, std::size_t count) {
  std::vector<UdpFlow::Packet> packets;
  while (packets.size() < count) {
    const auto packet = flow.receive(milliseconds(10'000));
    if (!packet) break;
    packets.push_back(*packet);
  }
  return packets;
}

bool in_order(const std::vector<UdpFlow::Packet>& packets) {
  return std::is_sorted(packets.begin(), packets.end(),
                        [](const auto& x, const auto& y) { return x.number < y.number; });
}

std::unique_ptr<fracas::agent::NetPlane> open_filters(const fracas::os::NetNamespace& netns) {
  std::unique_ptr<fracas::agent::NetPlane> plane;
  REQUIRE(netns.run([&]() -> Status {
    auto opened = fracas::agent::NetPlane::open({}, {.tcx = false});
    if (!opened) return failure(std::move(opened).error());
    plane = std::move(*opened);
    return {};
  }));
  return plane;
}

}  // namespace

TEST_CASE("net.delay: what arrives is held by the asked time, and what leaves is not", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  for (const bool tcx : {true, false}) {
    CAPTURE(tcx);
    const NetPair pair = make_pair();
    auto plane = tcx ? open_plane(pair.b) : open_filters(pair.b);
    for (const bool ipv6 : {false, true}) {
      CAPTURE(ipv6);
      auto flow = udp_flow(pair.a, pair.b, ipv6 ? "fd77::2" : "10.77.0.2", 4000);
      auto back = udp_flow(pair.b, pair.a, ipv6 ? "fd77::1" : "10.77.0.1", 4001);
      auto effect = prepare(*plane, {.kind = "net.delay", .from = kSender, .delay = milliseconds(20), .seed = 3});
      arm_now(*plane, *effect);
      flow.send(200, microseconds(100));
      const auto arrived = take(flow, 200);
      REQUIRE(arrived.size() == 200);
      for (const auto& packet : arrived) CHECK(one_way_ns(packet) >= 20 * kMs);
      CHECK(in_order(arrived));
      const auto counters = effect->counters();
      CHECK(counters.matched >= 200);
      CHECK(counters.affected == counters.matched);
      back.send(50);
      CHECK(take(back, 50).size() == 50);
      CHECK(effect->counters().matched < counters.matched + 50);
      // What is held when it ends comes at its time all the same.
      flow.send(20);
      REQUIRE(effect->revert());
      CHECK(take(flow, 20).size() == 20);
      CHECK(effect->counters().affected >= 200);
      CHECK(arrives(flow));
    }
  }
}

TEST_CASE("net.delay: both ways a round trip pays twice, and a TCP stream arrives whole", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.b);
  auto effect = prepare(
      *plane,
      {.kind = "net.delay", .from = kSender, .to = kSender, .delay = milliseconds(10), .jitter = milliseconds(2)});
  arm_now(*plane, *effect);
  for (const char* there : {"10.77.0.2", "fd77::2"}) {
    CAPTURE(there);
    CHECK(carries_stream(pair, there, std::size_t{16} << 20));
    const auto flow = tcp_flow(pair.a, pair.b, there, 4001);
    CHECK(tcp_carries(flow, milliseconds(2000)));
    CHECK(info_of(flow.from).tcpi_rtt >= 16'000);
  }
}

TEST_CASE("net.corrupt: what arrives broken fails its checksum and is lost", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.b);
  for (const char* there : {"10.77.0.2", "fd77::2"}) {
    CAPTURE(there);
    auto flow = udp_flow(pair.a, pair.b, there, 4000);
    auto effect = prepare(*plane, {.kind = "net.corrupt", .from = kSender, .loss = 0.3, .seed = 9});
    arm_now(*plane, *effect);
    const auto before = effect->counters();
    flow.send(1000);
    const auto lost = 1000 - flow.receive_all(milliseconds(1000)).size();
    CHECK(effect->counters().affected - before.affected == lost);
    CHECK(std::abs(static_cast<double>(lost) - 300) < 3 * std::sqrt(1000 * 0.21));
  }
  auto effect = prepare(*plane, {.kind = "net.corrupt", .from = kSender, .loss = 0.02, .seed = 9});
  arm_now(*plane, *effect);
  CHECK(carries_stream(pair, "10.77.0.2", std::size_t{4} << 20));
  CHECK(effect->counters().affected > 0);
}

TEST_CASE("net.bandwidth: what arrives gets the asked rate, each way for itself", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.b);
  constexpr std::uint64_t kRate = 10'000'000;  // bytes a second
  auto effect = prepare(*plane, {.kind = "net.bandwidth", .from = kSender, .rate_bytes = kRate});
  arm_now(*plane, *effect);
  CHECK(carries_stream(pair, "10.77.0.2", std::size_t{8} << 20));
  const auto counters = effect->counters();
  const double seconds = static_cast<double>(counters.last_ns - counters.first_ns) * 1e-9;
  const double rate = static_cast<double>(counters.bytes) / seconds;
  INFO(rate << " bytes/s on the wire");
  CHECK(rate < kRate * 1.05);
  CHECK(counters.affected > 5000);  // cut to frames of the wire's size
  REQUIRE(effect->revert());

  // Half a second of what arrives fills its queue; what leaves has its own.
  auto slow = prepare(*plane, {.kind = "net.bandwidth", .from = kSender, .to = kSender, .rate_bytes = 20'000});
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4002);
  auto back = udp_flow(pair.b, pair.a, "10.77.0.1", 4003);
  arm_now(*plane, *slow);
  flow.send(1000);
  back.send(20);
  CHECK(take(back, 20).size() == 20);
  CHECK(flow.receive_all(milliseconds(1000)).size() < 400);
}

TEST_CASE("net.reorder: of what arrives hit packets are overtaken, none is lost", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.b);
  auto flow = udp_flow(pair.a, pair.b, "fd77::2", 4000);
  auto effect =
      prepare(*plane, {.kind = "net.reorder", .from = kSender, .loss = 0.1, .delay = milliseconds(30), .seed = 2});
  arm_now(*plane, *effect);
  std::vector<UdpFlow::Packet> arrived;
  std::thread receiver([&] { arrived = take(flow, 2000); });
  flow.send(2000, microseconds(50));
  receiver.join();
  REQUIRE(arrived.size() == 2000);
  CHECK_FALSE(in_order(arrived));
  const auto counters = effect->counters();
  CHECK(counters.matched >= 2000);
  CHECK(std::abs(static_cast<double>(counters.affected) - 200) < 3 * std::sqrt(2000 * 0.09) + 3);
}

TEST_CASE("network faults: what acts on one arriving packet acts in one order, whichever was armed first",
          "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.b);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  // In the order of their stages: a loss, a broken wire, copies, two times held.
  const std::array<NetRule, 5> stages = {{{.kind = "net.loss", .loss = 0.5, .seed = 1},
                                          {.kind = "net.corrupt", .loss = 0.5, .seed = 4},
                                          {.kind = "net.duplicate", .loss = 1, .seed = 2},
                                          {.kind = "net.bandwidth", .rate_bytes = 50'000'000},
                                          {.kind = "net.delay", .delay = milliseconds(15), .seed = 3}}};
  for (const bool turned : {false, true}) {
    CAPTURE(turned);
    std::array<std::unique_ptr<fracas::agent::Effect>, 5> effects;
    for (std::size_t i = 0; i < stages.size(); ++i) {
      const std::size_t stage = turned ? stages.size() - 1 - i : i;
      NetRule rule = stages[stage];
      rule.from = {"10.77.0.1"};
      effects[stage] = prepare(*plane, rule);
    }
    for (const auto& effect : effects) arm_now(*plane, *effect);
    flow.send(1000);
    const auto arrived = flow.receive_all(milliseconds(1000));
    const auto left = 1000 - effects[0]->counters().affected;
    CHECK(effects[0]->counters().matched == 1000);  // nothing is judged again when it has been held
    CHECK(effects[1]->counters().matched == left);
    CHECK(effects[2]->counters().affected == left);
    CHECK(effects[3]->counters().affected == 2 * left);
    CHECK(effects[4]->counters().affected == 2 * left);
    CHECK(arrived.size() == 2 * (left - effects[1]->counters().affected));
    for (const auto& packet : arrived) CHECK(one_way_ns(packet) >= 15 * kMs);
  }
}

TEST_CASE("network faults: one host holds what leaves and the other what arrives, and each packet is held twice",
          "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto at_sender = open_plane(pair.a);
  auto at_receiver = open_plane(pair.b);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  auto first = prepare(*at_sender, {.kind = "net.delay", .to = {"10.77.0.2"}, .delay = milliseconds(10)});
  auto second = prepare(*at_receiver, {.kind = "net.delay", .from = {"10.77.0.1"}, .delay = milliseconds(15)});
  arm_now(*at_sender, *first);
  arm_now(*at_receiver, *second);
  flow.send(100);
  const auto arrived = take(flow, 100);
  REQUIRE(arrived.size() == 100);
  for (const auto& packet : arrived) CHECK(one_way_ns(packet) >= 25 * kMs);
  CHECK(first->counters().affected >= 100);
  CHECK(second->counters().affected >= 100);
}
