#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>

#include "tests/kernel/net_pair.h"
#include "tests/kernel/net_stream.h"

using namespace fracas::test;
using fracas::Status;
using fracas::agent::NetRule;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

// A counter of /proc/net/snmp, such as "Udp" and "InCsumErrors"; IPv6's are not in it.
std::uint64_t snmp(const fracas::os::NetNamespace& netns, const std::string& group, const std::string& name) {
  std::uint64_t value = 0;
  REQUIRE(netns.run([&]() -> Status {
    std::ifstream file("/proc/thread-self/net/snmp");
    std::string names;
    std::string values;
    while (std::getline(file, names) && std::getline(file, values)) {
      std::istringstream name_words(names);
      std::istringstream value_words(values);
      std::string one;
      std::string number;
      name_words >> one;
      value_words >> number;
      if (one != group + ":") continue;
      while (name_words >> one && value_words >> number)
        if (one == name) value = std::stoull(number);
    }
    return {};
  }));
  return value;
}

struct Sent {
  std::array<std::uint8_t, 100> payload{};
};

// Sends packets of zeros; gives those that arrive.
std::vector<Sent> exchange(UdpFlow& flow, int count) {
  std::vector<Sent> arrived;
  const Sent zeros;
  for (int i = 0; i < count; ++i) REQUIRE(::send(flow.from.get(), &zeros, sizeof zeros, 0) == sizeof zeros);
  receive_at_most(flow.to, milliseconds(50));
  Sent got;
  while (::recv(flow.to.get(), &got, sizeof got, 0) == sizeof got) arrived.push_back(got);
  return arrived;
}

int bits_set(const Sent& packet) {
  return std::accumulate(packet.payload.begin(), packet.payload.end(), 0,
                         [](int sum, std::uint8_t byte) { return sum + __builtin_popcount(byte); });
}

}  // namespace

TEST_CASE("net.duplicate: the asked share comes twice, whichever way", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  for (const bool at_sender : {true, false}) {
    auto plane = open_plane(at_sender ? pair.a : pair.b);
    NetRule rule{.kind = "net.duplicate", .loss = 0.2, .seed = 4};
    (at_sender ? rule.to : rule.from) = {"10.77.0.0/24", "fd77::/64"};
    for (const auto* there : {"10.77.0.2", "fd77::2"}) {
      auto flow = udp_flow(pair.a, pair.b, there, 4000);
      auto effect = prepare(*plane, rule);
      arm_now(*plane, *effect);
      flow.send(5000);
      std::map<std::uint64_t, int> times;
      for (const auto& packet : flow.receive_all()) ++times[packet.number];
      const auto counters = effect->counters();
      CHECK(times.size() == 5000);
      const auto twice = std::count_if(times.begin(), times.end(), [](const auto& one) { return one.second == 2; });
      CHECK(std::all_of(times.begin(), times.end(), [](const auto& one) { return one.second <= 2; }));
      CHECK(counters.affected >= static_cast<std::uint64_t>(twice));
      CHECK(counters.affected <= static_cast<std::uint64_t>(twice) + 3);  // what the hosts say to each other
      CHECK(counters.matched < 5010);                                     // a duplicate is not judged again
      CHECK(std::abs(static_cast<double>(twice) - 1000) < 3 * std::sqrt(5000 * 0.2 * 0.8) + 3);
    }
  }
}

TEST_CASE("net.corrupt: silent corruption arrives as valid data with one bit wrong", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  for (const bool at_sender : {true, false}) {
    auto plane = open_plane(at_sender ? pair.a : pair.b);
    NetRule rule{.kind = "net.corrupt", .loss = 0.5, .silent = true, .seed = 9};
    (at_sender ? rule.to : rule.from) = {"10.77.0.0/24", "fd77::/64"};
    for (const auto* there : {"10.77.0.2", "fd77::2"}) {
      auto flow = udp_flow(pair.a, pair.b, there, 4000);
      auto effect = prepare(*plane, rule);
      arm_now(*plane, *effect);
      const auto errors_before = snmp(pair.b, "Udp", "InCsumErrors");
      const auto arrived = exchange(flow, 1000);
      CHECK(arrived.size() == 1000);
      CHECK(snmp(pair.b, "Udp", "InCsumErrors") == errors_before);
      const auto wrong =
          std::count_if(arrived.begin(), arrived.end(), [](const Sent& packet) { return bits_set(packet) == 1; });
      CHECK(std::all_of(arrived.begin(), arrived.end(), [](const Sent& packet) { return bits_set(packet) <= 1; }));
      CHECK(effect->counters().affected == static_cast<std::uint64_t>(wrong));
      CHECK(std::abs(static_cast<double>(wrong) - 500) < 3 * std::sqrt(1000 * 0.25));
    }
  }
}

TEST_CASE("net.corrupt: on the wire every hit packet fails its checksum and is lost", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  auto effect = prepare(*plane, {.kind = "net.corrupt", .to = {"10.77.0.2"}, .loss = 0.3, .seed = 9});
  arm_now(*plane, *effect);
  const auto errors_before = snmp(pair.b, "Udp", "InCsumErrors") + snmp(pair.b, "Udp", "InErrors");
  const auto arrived = exchange(flow, 1000);
  const auto lost = 1000 - arrived.size();
  CHECK(std::all_of(arrived.begin(), arrived.end(), [](const Sent& packet) { return bits_set(packet) == 0; }));
  CHECK(snmp(pair.b, "Udp", "InCsumErrors") + snmp(pair.b, "Udp", "InErrors") > errors_before);
  CHECK(effect->counters().affected == lost);
  CHECK(std::abs(static_cast<double>(lost) - 300) < 3 * std::sqrt(1000 * 0.21));
}

TEST_CASE("net.corrupt: on the wire a TCP stream repairs it, segment by segment", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  for (const auto* there : {"10.77.0.2", "fd77::2"}) {
    auto effect = prepare(*plane, {.kind = "net.corrupt", .to = {"10.77.0.2", "fd77::2"}, .loss = 0.02, .seed = 9});
    arm_now(*plane, *effect);
    const auto errors_before = snmp(pair.b, "Tcp", "InCsumErrors");
    CHECK(carries_stream(pair, there, std::size_t{4} << 20));
    CHECK(effect->counters().affected > 0);
    CHECK(snmp(pair.b, "Tcp", "InCsumErrors") > errors_before);
  }
}

TEST_CASE("net.bandwidth: a stream gets its rate within five percent, and nothing of it is lost", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  constexpr std::uint64_t kRate = 10'000'000;  // bytes a second
  auto effect = prepare(*plane, {.kind = "net.bandwidth", .to = {"10.77.0.2"}, .rate_bytes = kRate});
  arm_now(*plane, *effect);
  CHECK(carries_stream(pair, "10.77.0.2", std::size_t{8} << 20));
  const auto counters = effect->counters();
  const double seconds = static_cast<double>(counters.last_ns - counters.first_ns) * 1e-9;
  const double rate = static_cast<double>(counters.bytes) / seconds;
  INFO(rate << " bytes/s on the wire");
  CHECK(rate < kRate * 1.05);
  CHECK(rate > kRate * 0.9);
  CHECK(counters.affected > 5000);  // cut to frames of the wire's size
}

TEST_CASE("net.reorder: hit packets are overtaken, none is lost", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  auto effect =
      prepare(*plane, {.kind = "net.reorder", .to = {"10.77.0.2"}, .loss = 0.1, .delay = milliseconds(30), .seed = 2});
  arm_now(*plane, *effect);
  std::vector<UdpFlow::Packet> arrived;
  std::thread receiver([&] { arrived = flow.receive_all(milliseconds(200)); });
  flow.send(2000, microseconds(50));
  receiver.join();
  REQUIRE(arrived.size() == 2000);
  std::uint64_t most = 0;
  std::uint64_t late = 0;
  for (const auto& packet : arrived) {
    if (packet.number < most) ++late;
    most = std::max(most, packet.number);
  }
  const auto counters = effect->counters();
  CHECK(late <= counters.affected);
  CHECK(late + 20 >= counters.affected);  // the last ones of all are overtaken by nobody
  CHECK(std::abs(static_cast<double>(counters.affected) - 200) < 3 * std::sqrt(2000 * 0.09));
}

TEST_CASE("net.delay: with reorder, jitter lets packets of one flow overtake each other", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  auto effect = prepare(*plane, {.kind = "net.delay",
                                 .to = {"10.77.0.2"},
                                 .delay = milliseconds(20),
                                 .jitter = milliseconds(5),
                                 .spread = fracas::agent::NetSpread::normal,
                                 .reorder = true,
                                 .seed = 2});
  arm_now(*plane, *effect);
  flow.send(1000);
  const auto arrived = flow.receive_all(milliseconds(200));
  REQUIRE(arrived.size() == 1000);
  CHECK_FALSE(
      std::is_sorted(arrived.begin(), arrived.end(), [](const auto& x, const auto& y) { return x.number < y.number; }));
}
