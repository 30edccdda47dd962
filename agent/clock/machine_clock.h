#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

// The machine's own clock, which every process and container on it reads: stepped and slowed for faults that ask for
// it, and put back to what it would be had nobody touched it. Thread: any. Source: clock_adjtime(2), adjtimex(2).
namespace fracas::agent::clock {

// How fast the kernel may be told to run: 10 % too fast or too slow.
inline constexpr double kMachineDriftPpmMax = 100'000;

// Moments of one instant, and how the kernel's clock was steered then: all it takes to know the true time later in the
// same boot. Elapsed time comes from MONOTONIC_RAW, which nobody can steer, and the time spent in suspend.
struct ClockAnchor {
  std::string boot_id{};
  std::int64_t raw_ns = 0;
  std::int64_t suspended_ns = 0;  // BOOTTIME - MONOTONIC
  std::int64_t realtime_ns = 0;
  std::int64_t frequency = 0;  // ppm * 2^16
  std::int64_t tick_us = 10'000;

  static Result<ClockAnchor> take();
  // One line of text.
  std::string written() const;
  // ERRORS: EINVAL it is not what `written` makes.
  static Result<ClockAnchor> parse(std::string_view text);
};

// What the anchor's REALTIME has become by the moment of `later`: as fast as it was, on from where it was.
std::int64_t true_realtime_ns(const ClockAnchor& anchor, const ClockAnchor& later);

// Whether the machine's clock is this agent's to set: it has CAP_SYS_TIME, and its namespaces of network and processes
// are the machine's own, not a lab's or a container's. ERRORS: EPERM and which of them is not so.
Status may_set_machine_clock();

// Steps REALTIME; what waits for it to reach a moment notices. ERRORS: EPERM; EINVAL it would be before the boot.
Status step_machine_clock(Duration by);

// Lets REALTIME, MONOTONIC and BOOTTIME run faster than at the anchor by `ppm`. ERRORS: EPERM; EINVAL out of range.
Status drift_machine_clock(const ClockAnchor& anchor, double ppm);

// Puts speed and time back, to a few microseconds. Idempotent. After a reboot there is nothing to do.
// ERRORS: EPERM.
Status restore_machine_clock(const ClockAnchor& anchor);

// How far REALTIME is from what it would be: positive, it is ahead. ERRORS: the anchor is of another boot.
Result<Duration> machine_clock_shift(const ClockAnchor& anchor);

}  // namespace fracas::agent::clock
