// The arithmetic of the true time; nothing here touches a clock.
#include "agent/clock/machine_clock.h"

#include <cerrno>

#include "tests/catch/catch.h"

using namespace fracas::agent::clock;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
const ClockAnchor kAnchor = {.boot_id = "b", .raw_ns = 100 * kSecond, .realtime_ns = 1'700'000'000 * kSecond};

ClockAnchor later(std::int64_t raw_ns, std::int64_t suspended_ns = 0) {
  ClockAnchor reading = kAnchor;
  reading.raw_ns += raw_ns;
  reading.suspended_ns += suspended_ns;
  reading.realtime_ns = -1;  // wrong, whatever it is
  return reading;
}

}  // namespace

TEST_CASE("machine clock: true time goes on from the anchor, as fast as it went then", "[unit][agent]") {
  CHECK(true_realtime_ns(kAnchor, later(0)) == kAnchor.realtime_ns);
  CHECK(true_realtime_ns(kAnchor, later(60 * kSecond)) == kAnchor.realtime_ns + 60 * kSecond);
  ClockAnchor steered = kAnchor;
  steered.frequency = 20 * 65'536;  // 20 ppm
  CHECK(true_realtime_ns(steered, later(10 * kSecond)) == kAnchor.realtime_ns + 10 * kSecond + 200'000);
  steered.tick_us = 9'999;
  CHECK(true_realtime_ns(steered, later(10 * kSecond)) == kAnchor.realtime_ns + 10 * kSecond - 800'000);
}

TEST_CASE("machine clock: time in suspend counts, the distance of two readings does not", "[unit][agent]") {
  CHECK(true_realtime_ns(kAnchor, later(kSecond, 3600 * kSecond)) == kAnchor.realtime_ns + 3601 * kSecond);
  CHECK(true_realtime_ns(kAnchor, later(kSecond, 800)) == kAnchor.realtime_ns + kSecond);
}

TEST_CASE("machine clock: an anchor is read back as it was written, and nothing else is", "[unit][agent]") {
  ClockAnchor anchor = kAnchor;
  anchor.frequency = -123;
  anchor.suspended_ns = 7;
  const auto read = ClockAnchor::parse(anchor.written());
  REQUIRE(read);
  CHECK(read->boot_id == "b");
  CHECK(read->raw_ns == anchor.raw_ns);
  CHECK(read->suspended_ns == 7);
  CHECK(read->realtime_ns == anchor.realtime_ns);
  CHECK(read->frequency == -123);
  CHECK(read->tick_us == 10'000);
  for (const char* text : {"", "b 1 2 3 4", "b 1 2 3 4 5 6", "b 1 2 x 4 5"})
    CHECK(ClockAnchor::parse(text).error().code == EINVAL);
}

TEST_CASE("machine clock: an anchor of another boot restores nothing", "[unit][agent]") {
  CHECK(restore_machine_clock(kAnchor));
  CHECK_FALSE(machine_clock_shift(kAnchor));
}
