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
      marks.insert(mark);
    }
  CHECK(marks.size() == 6 * 64);
  CHECK_FALSE(fracas_net_is_marked(0));
  CHECK_FALSE(fracas_net_is_marked(0x1234));
}
