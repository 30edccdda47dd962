#include "agent/clock/skew.h"

#include <cerrno>

#include "agent/clock/stub.logic.h"
#include "agent/clock/stub_image.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent::clock;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
// Three clocks that are far apart.
constexpr ClockReadings kNow = {
    .boot_ns = 1000 * kSecond, .realtime_ns = 1'700'000'000 * kSecond, .monotonic_ns = 900 * kSecond};
constexpr agent::Window kWindow = {.start_ns = 1001 * kSecond, .end_ns = 1011 * kSecond};

// The shift that a victim sees so long after kNow.
std::int64_t realtime_shift(const fracas_clock_config& config, Duration later) {
  return fracas_clock_shift(&config.group[0], kNow.realtime_ns + later.count(), 0);
}
std::int64_t monotonic_shift(const fracas_clock_config& config, Duration later) {
  return fracas_clock_shift(&config.group[1], kNow.monotonic_ns + later.count(), 1);
}

}  // namespace

TEST_CASE("skew: an offset acts inside its window only", "[unit][agent][clock]") {
  const auto config = make_config({.offset = -90s}, kWindow, kNow);
  CHECK(realtime_shift(config, 0s) == 0);
  CHECK(realtime_shift(config, 1s - 1ns) == 0);
  CHECK(realtime_shift(config, 1s) == -90 * kSecond);
  CHECK(realtime_shift(config, 11s - 1ns) == -90 * kSecond);
  CHECK(realtime_shift(config, 11s) == 0);
  CHECK(monotonic_shift(config, 5s) == 0);
}

TEST_CASE("skew: an idle config and an empty window shift nothing", "[unit][agent][clock]") {
  for (const auto& config :
       {idle_config(), make_config({.monotonic = true, .offset = 1s}, {.start_ns = 7, .end_ns = 7}, kNow)}) {
    CHECK(realtime_shift(config, 5s) == 0);
    CHECK(monotonic_shift(config, 5s) == 0);
  }
}

TEST_CASE("skew: drift grows with the time since the window's start, also over years", "[unit][agent][clock]") {
  const auto fast = make_config({.offset = 1s, .drift_ppm = 200}, kWindow, kNow);
  CHECK(realtime_shift(fast, 1s) == kSecond);
  CHECK(std::abs(realtime_shift(fast, 6s) - (kSecond + 1'000'000)) <= 2);
  const auto slow = make_config({.drift_ppm = -500'000}, kWindow, kNow);
  CHECK(std::abs(realtime_shift(slow, 11s - 1ns) + 5 * kSecond) <= 2);
  const auto years =
      make_config({.drift_ppm = 1e6}, {.start_ns = kWindow.start_ns, .end_ns = kWindow.end_ns * 1'000'000}, kNow);
  CHECK(std::abs(realtime_shift(years, 24h * 3650) - Duration(24h * 3650 - 1s).count()) < 1000);
}

TEST_CASE("skew: a strobe alternates between two offsets", "[unit][agent][clock]") {
  const auto config = make_config({.offset = -1s, .strobe_by = 3s, .strobe_period = 100ms}, kWindow, kNow);
  CHECK(realtime_shift(config, 1s) == -kSecond);
  CHECK(realtime_shift(config, 1099ms) == -kSecond);
  CHECK(realtime_shift(config, 1100ms) == 2 * kSecond);
  CHECK(realtime_shift(config, 1200ms) == -kSecond);
}

TEST_CASE("skew: a monotonic reading never steps back, whatever the shift", "[unit][agent][clock]") {
  struct Case {
    Duration offset;
    double drift_ppm;
  };
  for (const Case& one :
       std::vector<Case>{{300ms, 0}, {-300ms, 0}, {0s, 100'000}, {0s, -100'000}, {200ms, -50'000}, {-1s, 200'000}}) {
    const auto config = make_config(
        {.realtime = false, .monotonic = true, .offset = one.offset, .drift_ppm = one.drift_ppm}, kWindow, kNow);
    std::int64_t last = 0;
    bool shifted = false;
    for (Duration later = 0s; later < 15s; later += 99'991ns * 7) {
      const std::int64_t shift = monotonic_shift(config, later);
      REQUIRE(later.count() + shift >= last);
      last = later.count() + shift;
      shifted = shifted || shift != 0;
    }
    CHECK(shifted);
    CHECK(monotonic_shift(config, 15s) == 0);
  }
}

TEST_CASE("skew: what is left of a monotonic shift is known", "[unit][agent][clock]") {
  const auto forwards = make_config({.monotonic = true, .offset = 700ms}, kWindow, kNow);
  const Duration left = melting_left(forwards, kNow);
  CHECK(left >= 11s + 800ms);
  CHECK(left < 11s + 801ms);
  CHECK(monotonic_shift(forwards, left) == 0);
  CHECK(monotonic_shift(forwards, left - 1ms) > 0);
  const auto backwards = make_config({.monotonic = true, .offset = -700ms}, kWindow, kNow);
  CHECK(melting_left(backwards, kNow) == 11s);
  CHECK(melting_left(make_config({.offset = 700ms}, kWindow, kNow), kNow) == 0s);
}

TEST_CASE("skew: an end that moves leaves the rest as it was", "[unit][agent][clock]") {
  const auto config = make_config({.monotonic = true, .offset = 300ms, .drift_ppm = 1000}, kWindow, kNow);
  const auto longer = with_end(config, kWindow.end_ns + 5 * kSecond, kNow);
  CHECK(realtime_shift(longer, 5s) == realtime_shift(config, 5s));
  CHECK(monotonic_shift(longer, 5s) == monotonic_shift(config, 5s));
  CHECK(realtime_shift(longer, 15s) > 0);
  CHECK(realtime_shift(longer, 16s) == 0);
  // The monotonic clock is not made to have melted before anybody could see it.
  const auto past = with_end(config, kNow.boot_ns - 100 * kSecond, kNow);
  CHECK(realtime_shift(past, 5s) == 0);
  CHECK(past.group[1].end_ns == kNow.monotonic_ns + Duration(kEndAhead).count());
  CHECK(with_end(idle_config(), kNow.boot_ns, kNow).group[1].end_ns == idle_config().group[1].end_ns);
}

TEST_CASE("skew: ending it sets REALTIME right at once and lets MONOTONIC melt", "[unit][agent][clock]") {
  const auto config =
      make_config({.monotonic = true, .offset = 300ms}, {.start_ns = kNow.boot_ns - 1, .end_ns = kWindow.end_ns}, kNow);
  REQUIRE(realtime_shift(config, 0s) > 0);
  const auto over = ended(config, kNow);
  CHECK(realtime_shift(over, 0s) == 0);
  CHECK(monotonic_shift(over, 0s) == Duration(300ms).count());
  CHECK(melting_left(over, kNow) < 300ms * 8 / 7 + kEndAhead + 1ms);
  // Before its start nothing has to melt.
  CHECK(melting_left(ended(make_config({.monotonic = true, .offset = 300ms}, kWindow, kNow), kNow), kNow) == 0s);
}

TEST_CASE("skew: what makes no sense is refused", "[unit][agent][clock]") {
  CHECK(check_skew({.offset = 1s}));
  CHECK(check_skew({.offset = -1s, .drift_ppm = -100, .strobe_by = 1s, .strobe_period = 1ms}));
  const std::vector<Skew> wrong = {
      {},
      {.realtime = false, .offset = 1s},
      {.offset = 24h * 40000},
      {.drift_ppm = 1e7},
      {.drift_ppm = -1e6},
      {.strobe_by = 1s},
      {.offset = 1s, .strobe_period = 1s},
      {.monotonic = true, .strobe_by = 1s, .strobe_period = 1s},
      {.monotonic = true, .offset = 6s},
      {.monotonic = true, .offset = -6s},
  };
  for (const Skew& skew : wrong) CHECK(check_skew(skew).error().code == EINVAL);
  const Skew drift = {.realtime = false, .monotonic = true, .drift_ppm = 500'000};
  CHECK(check_skew(drift, {.start_ns = 0, .end_ns = 6 * kSecond}));
  CHECK_FALSE(check_skew(drift, {.start_ns = 0, .end_ns = 7 * kSecond}));
}
