#include <cmath>

#include "tests/kernel/net_pair.h"

using namespace fracas::test;
using fracas::Status;
using fracas::agent::NetRule;
using std::chrono::milliseconds;

namespace {

NetRule partition() {
  return {.kind = "net.partition", .from = {"10.77.0.2", "fd77::2/128"}, .to = {"10.77.0.2", "fd77::2/128"}, .loss = 1};
}

NetRule loss(double share, std::uint64_t seed) {
  return {.kind = "net.loss", .from = {"10.77.0.0/24"}, .loss = share, .seed = seed};
}

}  // namespace

TEST_CASE("net.partition: drops IPv4 and IPv6 both ways, in silence, until it is reverted", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect = prepare(*plane, partition());
  for (const auto& [here, there] : {std::pair("10.77.0.1", "10.77.0.2"), std::pair("fd77::1", "fd77::2")}) {
    auto out = udp_flow(pair.a, pair.b, there, 4000);
    auto in = udp_flow(pair.b, pair.a, here, 4001);
    arm_now(*plane, *effect);
    out.send(20);
    in.send(20);
    CHECK(out.receive_all().empty());
    CHECK(in.receive_all().empty());
    CHECK(out.send_errors == 0);
    CHECK(in.send_errors == 0);
    REQUIRE(effect->arm({1, 2}));  // a window that is over
    out.send(20);
    in.send(20);
    CHECK(out.receive_all().size() == 20);
    CHECK(in.receive_all().size() == 20);
  }
  auto out = udp_flow(pair.a, pair.b, "10.77.0.2", 4002);
  arm_now(*plane, *effect);
  out.send(5);
  CHECK(out.receive_all().empty());
  const auto counters = effect->counters();
  CHECK(counters.matched == counters.affected);
  CHECK(counters.affected >= 85);  // 4 times 20, 5, and what the hosts say to each other
  REQUIRE(effect->revert());
  REQUIRE(effect->revert());
  out.send(5);
  CHECK(out.receive_all().size() == 5);
  CHECK(effect->counters() == counters);
}

TEST_CASE("net.partition: leaves other addresses alone", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect =
      prepare(*plane, {.kind = "net.partition", .from = {"10.77.0.3"}, .to = {"10.77.0.3", "::/0"}, .loss = 1});
  auto out = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  arm_now(*plane, *effect);
  out.send(10);
  CHECK(out.receive_all().size() == 10);
  CHECK(effect->counters().matched < 10);  // what the host's IPv6 says by itself; ::/0 covers no IPv4
}

TEST_CASE("net.partition: cuts an established TCP connection, which goes on afterwards", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect = prepare(*plane, partition());
  for (const auto* there : {"10.77.0.2", "fd77::2"}) {
    const auto flow = tcp_flow(pair.a, pair.b, there, 4000);
    REQUIRE(tcp_carries(flow, milliseconds(1000)));
    arm_now(*plane, *effect);
    CHECK_FALSE(tcp_carries(flow, milliseconds(100)));
    REQUIRE(effect->arm({1, 2}));
    CHECK(tcp_carries(flow, milliseconds(5000)));
  }
}

TEST_CASE("net.partition: a sender's TCP backs off as for a loss at the receiver", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  // The same cut, once made at the sender's side and once at the receiver's.
  std::vector<tcp_info> seen;
  for (const bool at_sender : {true, false}) {
    const NetPair pair = make_pair();
    auto plane = open_plane(at_sender ? pair.a : pair.b);
    NetRule rule{.kind = "net.partition", .loss = 1};
    (at_sender ? rule.to : rule.from) = {at_sender ? "10.77.0.2" : "10.77.0.1"};
    auto effect = prepare(*plane, rule);
    const auto flow = tcp_flow(pair.a, pair.b, "10.77.0.2", 4000);
    REQUIRE(tcp_carries(flow, milliseconds(1000)));
    arm_now(*plane, *effect);
    CHECK_FALSE(tcp_carries(flow, milliseconds(2500)));
    seen.push_back(info_of(flow.from));
  }
  // A sender that is told of the drop retries every half second at most, without ever doubling the time.
  CHECK(seen[0].tcpi_backoff >= 2);
  CHECK(std::abs(int{seen[0].tcpi_backoff} - int{seen[1].tcpi_backoff}) <= 1);
  CHECK(seen[0].tcpi_total_retrans <= seen[1].tcpi_total_retrans + 1);
  CHECK(seen[0].tcpi_total_retrans + 1 >= seen[1].tcpi_total_retrans);
  CHECK(seen[0].tcpi_rto >= 800'000);
}

TEST_CASE("net.partition: acts inside its window only, by the kernel's own clock", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect = prepare(*plane, partition());
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  const std::int64_t start = fracas::os::boot_now_ns() + 50 * kMs;
  const std::int64_t end = start + 100 * kMs;
  plane->renew(kForever);
  REQUIRE(effect->arm({start, end}));
  flow.send(200, milliseconds(1));
  const auto counters = effect->counters();
  REQUIRE(counters.affected > 0);
  CHECK(counters.first_ns >= start);
  CHECK(counters.last_ns < end);
  for (const auto& packet : flow.receive_all()) CHECK((packet.sent_ns < start || packet.sent_ns >= end - kMs / 10));
}

TEST_CASE("net.partition: the lease's end stops it inside its window, and a longer lease lets it act again",
          "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect = prepare(*plane, partition());
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  const std::int64_t lease_end = fracas::os::boot_now_ns() + 50 * kMs;
  REQUIRE(effect->arm({fracas::os::boot_now_ns(), kForever}));
  effect->renew(lease_end);
  flow.send(100, milliseconds(1));
  CHECK(effect->counters().affected > 0);
  CHECK(effect->counters().last_ns < lease_end);
  CHECK_FALSE(flow.receive_all().empty());
  plane->renew(kForever);
  flow.send(5);
  CHECK(flow.receive_all().empty());
}

TEST_CASE("net.loss: loses the asked share, and the same packets for the same seed", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.b);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  constexpr int kPackets = 20'000;
  for (const double share : {0.01, 0.2}) {
    std::vector<std::uint64_t> lost;
    for (const std::uint64_t seed : {7ULL, 7ULL, 8ULL}) {
      auto effect = prepare(*plane, loss(share, seed));
      arm_now(*plane, *effect);
      flow.send(kPackets);
      const auto arrived = flow.receive_all().size();
      const auto counters = effect->counters();
      CHECK(counters.matched == kPackets);
      CHECK(counters.affected + arrived == kPackets);
      lost.push_back(counters.affected);
    }
    const double sigma = std::sqrt(kPackets * share * (1 - share));
    CHECK(std::abs(static_cast<double>(lost[0]) - kPackets * share) < 3 * sigma);
    CHECK(lost[0] == lost[1]);
    CHECK(lost[0] != lost[2]);
  }
}

TEST_CASE("network faults: rules that cover the same packets all judge them", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.b);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  auto wide = prepare(*plane, {.kind = "net.loss", .from = {"0.0.0.0/0"}, .loss = 0.5, .seed = 1});
  auto narrow = prepare(*plane, {.kind = "net.loss", .from = {"10.77.0.1"}, .loss = 0.5, .seed = 2});
  arm_now(*plane, *wide);
  arm_now(*plane, *narrow);
  flow.send(4000);
  const auto arrived = static_cast<double>(flow.receive_all().size());
  CHECK(wide->counters().matched == 4000);
  // What one rule has dropped no other one sees.
  CHECK(narrow->counters().matched == 4000 - wide->counters().affected);
  CHECK(std::abs(arrived - 1000) < 100);
  narrow.reset();
  flow.send(4000);
  CHECK(std::abs(static_cast<double>(flow.receive_all().size()) - 2000) < 120);
}

TEST_CASE("network faults: the 65th rule is refused and a bad prefix leaves nothing", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto bad = plane->prepare({.kind = "net.loss", .from = {"10.77.0.0/33"}, .loss = 1});
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message == "net.loss: \"10.77.0.0/33\": an IPv4 prefix has 0 to 32 bits");
  std::vector<std::unique_ptr<fracas::agent::Effect>> effects;
  for (int i = 0; i < 64; ++i) effects.push_back(prepare(*plane, partition()));
  auto full = plane->prepare(partition());
  REQUIRE_FALSE(full);
  CHECK(full.error().message == "net.partition: 64 network faults are prepared already");
  effects.pop_back();
  effects.push_back(prepare(*plane, partition()));
}
