#include <algorithm>
#include <chrono>
#include <random>

#include "tests/kernel/clock_fixture.h"

using namespace fracas;
using namespace fracas::test;
using namespace std::chrono_literals;
namespace clock_of = fracas::agent::clock;

namespace {

constexpr const char* kNeeds = "needs root and the victims' programs";
enum Column { reads, back, jumps, out_of_range, neither };

ClockVictim spinning(int threads, Duration first, Duration second) {
  const auto ms = [](Duration shift) { return std::to_string(shift / 1ms); };
  return ClockVictim({clock_victim("clock_spin"), std::to_string(threads), ms(first), ms(second)});
}

// It still runs, made reads, and not one of them was wrong.
void check_unharmed(ClockVictim& victim) {
  REQUIRE(victim.alive());
  const double before = victim.last().at(reads);
  CHECK(victim.comes([before](const std::vector<double>& line) { return line.size() == 5 && line[reads] > before; }));
  const auto line = victim.last();
  CHECK(line.at(back) == 0);
  CHECK(line.at(jumps) == 0);
  CHECK(line.at(out_of_range) == 0);
  CHECK(line.at(neither) == 0);
}

}  // namespace

TEST_CASE("clock stress: 250 times attached and restored while four threads read and SIGPROF strikes",
          "[kernel][agent][clock][slow]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  ClockVictim victim = spinning(4, 60s, -90s);
  for (int i = 0; i < 250; ++i) {
    const auto attached = clock_of::attach(victim.pid(), kClockOwner);
    INFO("round " << i << ": " << (attached ? "" : attached.error().message));
    REQUIRE(attached);
    REQUIRE(set_clock(victim.pid(), {.offset = i % 2 == 0 ? 60s : -90s}));
    const auto recovered = clock_of::recover(victim.pid(), 1s);
    INFO((recovered ? "" : recovered.error().message));
    REQUIRE(recovered);
  }
  CHECK(clock_is_pristine(victim.pid()));
  check_unharmed(victim);
}

TEST_CASE("clock stress: 20,000 changes of the offset, and no reader sees half of one",
          "[kernel][agent][clock][slow]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  ClockVictim victim = spinning(3, 60s, -90s);
  REQUIRE(clock_of::attach(victim.pid(), kClockOwner));
  for (int i = 0; i < 20'000; ++i) REQUIRE(set_clock(victim.pid(), {.offset = i % 2 == 0 ? 60s : -90s}));
  check_unharmed(victim);
  CHECK(clock_of::recover(victim.pid(), 1s));
  check_unharmed(victim);
}

TEST_CASE("clock stress: the monotonic clock never steps back, shifted either way and restored at any moment",
          "[kernel][agent][clock][slow]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  ClockVictim victim = spinning(2, 0s, 0s);
  std::mt19937 random(7);
  for (int i = 0; i < 20; ++i) {
    REQUIRE(clock_of::attach(victim.pid(), kClockOwner));
    const Duration offset = (i % 2 == 0 ? 1 : -1) * std::chrono::milliseconds(1 + random() % 50);
    const std::int64_t now = os::boot_now_ns();
    const std::int64_t length = static_cast<std::int64_t>(random() % 100) * 1'000'000;
    REQUIRE(set_clock(victim.pid(), {.realtime = false, .monotonic = true, .offset = offset, .drift_ppm = i * 100.0},
                      {.start_ns = now + 80'000'000, .end_ns = now + 82'000'000 + length}));
    os::sleep_until_boot_ns(now + static_cast<std::int64_t>(random() % 240) * 1'000'000);
    const auto recovered = clock_of::recover(victim.pid(), 3s);
    INFO((recovered ? "" : recovered.error().message));
    REQUIRE(recovered);
  }
  check_unharmed(victim);
}

TEST_CASE("clock stress: what calls that are over left on a stack keeps nobody from being restored",
          "[kernel][agent][clock]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  const ClockVictim victim({clock_victim("clock_traces")});
  for (int i = 0; i < 3; ++i) {
    REQUIRE(clock_of::attach(victim.pid(), kClockOwner));
    const auto recovered = clock_of::recover(victim.pid(), 1s);
    INFO((recovered ? "" : recovered.error().message));
    REQUIRE(recovered);
    CHECK(clock_is_pristine(victim.pid()));
  }
}

TEST_CASE("clock stress: fifty threads are patched and restored", "[kernel][agent][clock][slow]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  ClockVictim victim = spinning(50, 60s, 0s);
  for (int i = 0; i < 5; ++i) {
    REQUIRE(clock_of::attach(victim.pid(), kClockOwner));
    REQUIRE(set_clock(victim.pid(), {.offset = 60s}));
    REQUIRE(clock_of::recover(victim.pid(), 1s));
  }
  check_unharmed(victim);
}
