#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>

#include "agent/bpf/net.logic.h"
#include "tests/catch/catch.h"

TEST_CASE("network classifier: a window includes its start and excludes its end", "[unit][agent]") {
  CHECK_FALSE(fracas_net_in_window(10, 20, 9));
  CHECK(fracas_net_in_window(10, 20, 10));
  CHECK(fracas_net_in_window(10, 20, 19));
  CHECK_FALSE(fracas_net_in_window(10, 20, 20));
  CHECK_FALSE(fracas_net_in_window(10, 0, 15));  // not armed
}

TEST_CASE("network classifier: the drawn share is the asked one, and a seed gives one sequence", "[unit][agent]") {
  for (const double share : {0.0, 0.001, 0.3, 1.0}) {
    const auto threshold = static_cast<std::uint64_t>(share * 4294967296.0);
    int dropped = 0;
    for (std::uint64_t n = 0; n < 100'000; ++n) dropped += fracas_net_hits(42, n, threshold);
    CHECK(std::abs(dropped / 100'000.0 - share) < 0.005);
  }
  CHECK(fracas_net_random(1, 0) == fracas_net_random(1, 0));
  CHECK(fracas_net_random(1, 0) != fracas_net_random(2, 0));
  // Published first output of splitmix64 seeded with 0.
  CHECK(fracas_net_random(0, 0) == 0xe220a8397b1dcdafULL);
}

TEST_CASE("network classifier: a mark tells the interface and the next rule", "[unit][agent]") {
  std::set<std::uint32_t> marks;
  for (std::uint32_t slot = 0; slot < 256; slot += 51)
    for (std::uint32_t rule = 0; rule < 64; ++rule) {
      const std::uint32_t mark = fracas_net_mark(slot, rule);
      CHECK(fracas_net_is_marked(mark));
      CHECK(fracas_net_mark_slot(mark) == slot);
      CHECK(fracas_net_mark_next_rule(mark) == rule + 1);
      CHECK_FALSE(fracas_net_is_arriving(mark));
      const std::uint32_t arriving = mark | FRACAS_MARK_ARRIVING;
      CHECK(fracas_net_is_marked(arriving));
      CHECK(fracas_net_is_arriving(arriving));
      CHECK(fracas_net_mark_slot(arriving) == slot);
      CHECK(fracas_net_mark_next_rule(arriving) == rule + 1);
      CHECK((arriving & ~FRACAS_MARK_ARRIVING) == mark);
      marks.insert(mark);
    }
  CHECK(marks.size() == 6 * 64);
  CHECK_FALSE(fracas_net_is_arriving(FRACAS_MARK_ANSWER));
  CHECK_FALSE(fracas_net_is_marked(0));
  CHECK_FALSE(fracas_net_is_marked(0x1234));
}

TEST_CASE("network classifier: the lowest bit of a bitmap is found wherever it is", "[unit][agent]") {
  for (std::uint32_t bit = 0; bit < 64; ++bit) {
    CHECK(fracas_net_lowest(std::uint64_t{1} << bit) == bit);
    CHECK(fracas_net_lowest(~std::uint64_t{0} << bit) == bit);
  }
}

TEST_CASE("network classifier: a flow is chosen alike in both directions, and about the asked share", "[unit][agent]") {
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 31;
  int chosen = 0;
  for (std::uint16_t port = 1; port <= 10'000; ++port) {
    const auto here = fracas_net_endpoint(0, 0x0a4d0001, port);
    const auto there = fracas_net_endpoint(0, 0x0a4d0002, 80);
    const auto flow = fracas_net_flow(here, there, 6);
    CHECK(flow == fracas_net_flow(there, here, 6));
    chosen += fracas_net_covers_flow(flow, 7, kHalf);
    CHECK(fracas_net_covers_flow(flow, 7, std::uint64_t{1} << 32));
    CHECK_FALSE(fracas_net_covers_flow(flow, 7, 0));
  }
  CHECK(std::abs(chosen - 5000) < 3 * 50);
}

TEST_CASE("network classifier: bursts have geometric lengths and the chain's share of losses", "[unit][agent]") {
  const auto per_2_32 = [](double share) { return static_cast<std::uint64_t>(share * 4294967296.0); };
  const double enter = 0.01;
  const double leave = 0.3;
  const fracas_net_burst burst = {per_2_32(enter), per_2_32(leave), 0, per_2_32(1)};
  constexpr int kPackets = 1'000'000;
  constexpr std::size_t kLengths = 12;
  double seen[kLengths] = {};
  double bursts = 0;
  double lost = 0;
  std::size_t length = 0;
  std::uint32_t bad = 0;
  for (std::uint64_t n = 0; n < kPackets; ++n) {
    if (fracas_net_burst_hits(&burst, &bad, 42, n)) {
      ++lost;
      ++length;
    } else if (length > 0) {
      ++bursts;
      ++seen[std::min(length, kLengths) - 1];
      length = 0;
    }
  }
  double chi_square = 0;
  double rest = bursts;
  for (std::size_t k = 0; k < kLengths; ++k) {
    const double expected = k + 1 == kLengths ? rest : rest * leave;
    rest -= expected;
    chi_square += (seen[k] - expected) * (seen[k] - expected) / expected;
  }
  const double freedom = kLengths - 1;
  CHECK(chi_square < freedom + 3 * std::sqrt(2 * freedom));
  const double share = enter / (enter + leave);
  const double correlation = 1 - enter - leave;
  const double sigma = std::sqrt(share * (1 - share) * kPackets * (1 + correlation) / (1 - correlation));
  CHECK(std::abs(lost - share * kPackets) < 3 * sigma);
}
