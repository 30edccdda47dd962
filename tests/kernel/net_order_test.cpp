#include <algorithm>
#include <cmath>

#include "tests/kernel/net_pair.h"

using namespace fracas::test;
using fracas::agent::NetBurst;
using fracas::agent::NetRule;
using std::chrono::milliseconds;

namespace {

using Effects = std::vector<std::unique_ptr<fracas::agent::Effect>>;

Effects arm_all(fracas::agent::NetPlane& plane, std::vector<NetRule> rules) {
  Effects effects;
  for (NetRule& rule : rules) {
    rule.to = {"10.77.0.2"};
    effects.push_back(prepare(plane, rule));
  }
  for (const auto& effect : effects) arm_now(plane, *effect);
  return effects;
}

}  // namespace

TEST_CASE("network faults: what acts on one packet acts in one order, whichever was armed first", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  const NetRule loss{.kind = "net.loss", .loss = 0.5, .seed = 1};
  const NetRule twice{.kind = "net.duplicate", .loss = 1, .seed = 2};
  const NetRule delay{.kind = "net.delay", .delay = milliseconds(15), .seed = 3};
  std::vector<std::size_t> arrived_counts;
  for (const bool turned : {false, true}) {
    std::vector<NetRule> rules = {delay, twice, loss};
    if (turned) std::reverse(rules.begin(), rules.end());
    const Effects effects = arm_all(*plane, rules);
    const auto& lossy = turned ? effects[0] : effects[2];
    const auto& slow = turned ? effects[2] : effects[0];
    flow.send(1000);
    const auto arrived = flow.receive_all(milliseconds(200));
    arrived_counts.push_back(arrived.size());
    // Lost once or not at all; what is left is doubled, and both copies are delayed.
    CHECK(lossy->counters().matched == 1000);
    CHECK(arrived.size() == 2 * (1000 - lossy->counters().affected));
    CHECK(effects[1]->counters().affected == 1000 - lossy->counters().affected);
    CHECK(slow->counters().affected == arrived.size());
    for (const auto& packet : arrived) CHECK(packet.received_ns - packet.sent_ns >= 15 * kMs);
  }
  CHECK(arrived_counts[0] == arrived_counts[1]);
}

TEST_CASE("network faults: a partition hides packets from everything behind it", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  const Effects effects = arm_all(*plane, {{.kind = "net.reorder", .loss = 1, .delay = milliseconds(1)},
                                           {.kind = "net.bandwidth", .rate_bytes = 1'000'000},
                                           {.kind = "net.corrupt", .loss = 1, .silent = true},
                                           {.kind = "net.loss", .loss = 1},
                                           {.kind = "net.partition"}});
  flow.send(100);
  CHECK(flow.receive_all().empty());
  for (std::size_t i = 0; i < 4; ++i) CHECK(effects[i]->counters().matched == 0);
  CHECK(effects[4]->counters().affected >= 100);
}

TEST_CASE("network faults: detours follow each other, and every packet takes all of them", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  const Effects effects = arm_all(*plane, {{.kind = "net.delay", .delay = milliseconds(10)},
                                           {.kind = "net.bandwidth", .rate_bytes = 10'000'000},
                                           {.kind = "net.corrupt", .loss = 0.5, .seed = 3}});
  flow.send(500);
  const auto arrived = flow.receive_all(milliseconds(200));
  const auto broken = effects[2]->counters().affected;
  CHECK(arrived.size() + broken == 500);
  CHECK(effects[0]->counters().affected >= 500);  // broken packets travel on like others
  CHECK(effects[1]->counters().affected >= 500);
  for (const auto& packet : arrived) CHECK(packet.received_ns - packet.sent_ns >= 10 * kMs);
}

TEST_CASE("net.loss: bursts have the lengths of the asked chain", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto flow = udp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  const NetBurst burst{.enter = 0.05, .leave = 0.4};
  auto effect = prepare(*plane, {.kind = "net.loss", .to = {"10.77.0.2"}, .burst = burst, .seed = 11});
  arm_now(*plane, *effect);
  constexpr int kPackets = 20'000;
  const auto first = flow.sent;
  std::vector<bool> here(kPackets, false);
  for (int round = 0; round < 10; ++round) {
    flow.send(kPackets / 10);
    for (const auto& packet : flow.receive_all()) here[packet.number - first] = true;
  }
  // Bursts are geometric: P(length = k) = leave (1 - leave)^(k - 1).
  std::array<double, 8> seen{};
  double bursts = 0;
  for (std::size_t i = 0; i < here.size();) {
    std::size_t end = i;
    while (end < here.size() && !here[end]) ++end;
    if (end > i) {
      ++bursts;
      ++seen[std::min(end - i, seen.size()) - 1];
    }
    i = end + 1;
  }
  double chi_square = 0;
  double rest = bursts;
  for (std::size_t k = 0; k < seen.size(); ++k) {
    const double expected = k + 1 == seen.size() ? rest : rest * burst.leave;
    rest -= expected;
    chi_square += (seen[k] - expected) * (seen[k] - expected) / expected;
  }
  INFO("chi-square " << chi_square << " of " << bursts << " bursts");
  CHECK(chi_square < 7 + 3 * std::sqrt(2 * 7.0));  // 7 degrees of freedom: mean 7, variance 14
  const double lost = static_cast<double>(std::count(here.begin(), here.end(), false)) / kPackets;
  // The chain's correlation 1 - enter - leave widens the deviation by sqrt((1 + c) / (1 - c)).
  const double share = burst.enter / (burst.enter + burst.leave);
  const double c = 1 - burst.enter - burst.leave;
  CHECK(std::abs(lost - share) < 3 * std::sqrt(share * (1 - share) / kPackets * (1 + c) / (1 - c)));
  CHECK(effect->counters().affected == static_cast<std::uint64_t>(std::count(here.begin(), here.end(), false)));
}
