#include "agent/clock/deadline.h"

#include "agent/clock/deadline.logic.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent::clock;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr ClockReadings kNow = {.boot_ns = 1000 * kSecond, .realtime_ns = 1'700'000'000 * kSecond};
constexpr agent::Window kWindow = {.start_ns = 1000 * kSecond, .end_ns = 1100 * kSecond};

// A victim asks, `since` after the window's start, for a wait of `length`: how long it really waits.
Duration true_wait(const Skew& skew, Duration since, Duration length) {
  const auto config = make_deadline_config(skew, kWindow, kNow);
  const std::int64_t boot = kWindow.start_ns + since.count();
  const std::int64_t now = kNow.realtime_ns + since.count();
  const std::int64_t seen = now + fracas_deadline_shift(&config, boot);
  return Duration(fracas_true_deadline(&config, seen + length.count(), boot) - now);
}

}  // namespace

TEST_CASE("clock deadline: a wait is as long as asked, whatever the offset", "[unit][agent]") {
  const Duration offset = GENERATE(2s, -2s, 24h * 365 * 10, -24h * 365 * 10);
  CHECK(true_wait({.offset = offset}, 1s, 200ms) == 200ms);
  CHECK(true_wait({.offset = offset}, 99s, 1h) == 1h);
  CHECK(true_wait({.offset = offset}, 1s, -5s) == -5s);
  CHECK(true_wait({.offset = offset, .strobe_by = 3s, .strobe_period = 1s}, 1500ms, 200ms) == 200ms);
}

TEST_CASE("clock deadline: a fast clock gets there sooner, a slow one later", "[unit][agent]") {
  const auto close = [](Duration is, Duration wanted) { return std::chrono::abs(is - wanted) < 100us; };
  CHECK(close(true_wait({.drift_ppm = 1e6}, 10s, 200ms), 100ms));
  CHECK(close(true_wait({.drift_ppm = -500'000}, 10s, 200ms), 400ms));
  CHECK(close(true_wait({.offset = -3s, .drift_ppm = 250'000}, 50s, 10s), 8s));
  CHECK(close(true_wait({.drift_ppm = 100}, 0s, 100s), 100s - 10ms));
}

TEST_CASE("clock deadline: outside the window, and without REALTIME, nothing is changed", "[unit][agent]") {
  const auto config = make_deadline_config({.offset = 2s}, kWindow, kNow);
  for (const std::int64_t boot : {kWindow.start_ns - 1, kWindow.end_ns})
    CHECK(fracas_true_deadline(&config, 12345, boot) == 12345);
  const auto monotonic = make_deadline_config({.realtime = false, .monotonic = true, .offset = 2s}, kWindow, kNow);
  CHECK(fracas_true_deadline(&monotonic, 12345, kWindow.start_ns) == 12345);
  const fracas_deadline_config nothing{};
  CHECK(fracas_true_deadline(&nothing, 12345, kWindow.start_ns) == 12345);
}
