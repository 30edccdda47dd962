#pragma once
#include <cstdint>
#include <optional>

#include "agent/clock/stub.abi.h"
#include "agent/effect.h"
#include "lib/base/quantity.h"

namespace fracas::agent::clock {

// What clock.skew, clock.drift and clock.strobe ask for; all three may be combined.
struct Skew {
  // REALTIME and its coarse variant, gettimeofday and time included; or MONOTONIC and its coarse variant. Signed.
  bool realtime = true;
  bool monotonic = false;
  Duration offset{};
  // Added to the clock's speed from the window's start on: 1e6 doubles it. Parts per million, (-1e6, 1e6].
  double drift_ppm = 0;
  // The offset alternates between `offset` and `offset + strobe_by`, each for `strobe_period`. 0: it does not.
  Duration strobe_by{};
  Duration strobe_period{};
};

// The same moment on three clocks, nanoseconds; apart by less than a microsecond unless the machine is very busy.
struct ClockReadings {
  std::int64_t boot_ns = 0;
  std::int64_t realtime_ns = 0;
  std::int64_t monotonic_ns = 0;

  static ClockReadings now();
};

// The longest shift of MONOTONIC: it melts away at 7/8 ns a ns, which whoever restores the victim waits for.
inline constexpr Duration kMonotonicShiftMax = std::chrono::seconds(3);

// ERRORS: EINVAL, and which rule it breaks.
Status check_skew(const Skew& skew);
// The same with the window known: drift adds up over it.
Status check_skew(const Skew& skew, const Window& window);

// The stub's numbers for a window in CLOCK_BOOTTIME.
fracas_clock_config make_config(const Skew& skew, const Window& window, const ClockReadings& now);

// The same config with another end. An end of a monotonic shift is moved to `kEndAhead` after `now` if it is earlier:
// melting in retrospect would be a step back for a victim that reads its clock meanwhile.
fracas_clock_config with_end(fracas_clock_config config, std::int64_t end_boot_ns, const ClockReadings& now);
inline constexpr Duration kEndAhead = std::chrono::milliseconds(50);

// Whether there is a window in it at all.
bool has_window(const fracas_clock_config& config);

// The same config for a process that still reads its clock unshifted, although the window may have begun: a monotonic
// shift begins `kEndAhead` after `now` or later, so that one backwards grows slowly from when the process has it.
fracas_clock_config begun_late(fracas_clock_config config, const ClockReadings& now);

// The same config, ended: REALTIME is right at once, MONOTONIC as soon as `melting_left` is over.
fracas_clock_config ended(fracas_clock_config config, const ClockReadings& now);

// How long after `now` the monotonic clock of a victim with this config is still shifted; 0: it is right.
Duration melting_left(const fracas_clock_config& config, const ClockReadings& now);

}  // namespace fracas::agent::clock
