#include "agent/clock/machine_clock.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/timex.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <ctime>
#include <limits>
#include <sstream>

#include "lib/os/file.h"

namespace fracas::agent::clock {
namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;
constexpr int kReadings = 9;
constexpr double kFrequencyPerPpm = 65'536;
constexpr double kPpmPerTick = 100;
constexpr std::int64_t kTickUs = 10'000;
// Source: include/linux/proc_ns.h, PROC_PID_INIT_INO.
constexpr ino_t kFirstPidNamespace = 0xEFFFFFFC;

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * kNsPerS + now.tv_nsec;
}

Status adjust(timex& wanted) {
  if (::clock_adjtime(CLOCK_REALTIME, &wanted) < 0) return system_failure("set the machine's clock");
  return {};
}

Result<std::string> read_boot_id() {
  auto text = os::read_file("/proc/sys/kernel/random/boot_id");
  if (!text) return failure(std::move(text).error());
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *text;
}

double rate_of(const ClockAnchor& anchor) {
  return (static_cast<double>(anchor.tick_us - kTickUs) * kPpmPerTick +
          static_cast<double>(anchor.frequency) / kFrequencyPerPpm) /
         1e6;
}

bool has_time_capability() {
  const std::string text = os::read_file("/proc/self/status").value_or("");
  const std::size_t at = text.find("CapEff:");
  if (at == std::string::npos) return false;
  std::istringstream line(text.substr(at + 7));
  std::uint64_t bits = 0;
  line >> std::hex >> bits;
  return ((bits >> CAP_SYS_TIME) & 1U) != 0;
}

}  // namespace

Result<ClockAnchor> ClockAnchor::take() {
  auto boot = read_boot_id();
  if (!boot) return failure(std::move(boot).error());
  timex state{};
  if (::clock_adjtime(CLOCK_REALTIME, &state) < 0) return system_failure("read how the clock is steered");
  ClockAnchor anchor{.boot_id = std::move(*boot), .frequency = state.freq, .tick_us = state.tick};
  std::int64_t best_span = std::numeric_limits<std::int64_t>::max();
  for (int reading = 0; reading < kReadings; ++reading) {
    const std::int64_t before = read_clock(CLOCK_MONOTONIC_RAW);
    const std::int64_t realtime = read_clock(CLOCK_REALTIME);
    const std::int64_t span = read_clock(CLOCK_MONOTONIC_RAW) - before;
    if (span >= best_span) continue;
    best_span = span;
    anchor.raw_ns = before + span / 2;
    anchor.realtime_ns = realtime;
  }
  // Exact to the microsecond, and changed by nothing but a suspend.
  anchor.suspended_ns = read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC);
  return anchor;
}

std::string ClockAnchor::written() const {
  return fmt::format("{} {} {} {} {} {}", boot_id, raw_ns, suspended_ns, realtime_ns, frequency, tick_us);
}

Result<ClockAnchor> ClockAnchor::parse(std::string_view text) {
  std::istringstream words{std::string(text)};
  ClockAnchor anchor;
  std::string rest;
  words >> anchor.boot_id >> anchor.raw_ns >> anchor.suspended_ns >> anchor.realtime_ns >> anchor.frequency >>
      anchor.tick_us;
  if (words.fail() || words >> rest) return failure("no anchor of a clock: " + std::string(text), EINVAL);
  return anchor;
}

std::int64_t true_realtime_ns(const ClockAnchor& anchor, const ClockAnchor& later) {
  const std::int64_t elapsed = later.raw_ns - anchor.raw_ns;
  const auto steered = std::llround(static_cast<double>(elapsed) * rate_of(anchor));
  // Below a millisecond it is the distance of two readings, not a suspend.
  constexpr std::int64_t kSuspendMin = 1'000'000;
  const std::int64_t suspended = later.suspended_ns - anchor.suspended_ns;
  return anchor.realtime_ns + elapsed + steered + (suspended >= kSuspendMin ? suspended : 0);
}

Status may_set_machine_clock() {
  if (!has_time_capability()) return failure("setting the machine's clock needs CAP_SYS_TIME", EPERM);
  struct stat mine {};
  struct stat first {};
  if (::stat("/proc/self/ns/pid", &mine) != 0 || mine.st_ino != kFirstPidNamespace)
    return failure("the machine's clock is shared with others: this agent runs in a container", EPERM);
  if (::stat("/proc/thread-self/ns/net", &mine) != 0 || ::stat("/proc/1/ns/net", &first) != 0 ||
      mine.st_ino != first.st_ino || mine.st_dev != first.st_dev)
    return failure("the machine's clock is shared with others: this agent runs in a network namespace, as a lab's host",
                   EPERM);
  return {};
}

Status step_machine_clock(Duration by) {
  timex step{};
  step.modes = ADJ_SETOFFSET | ADJ_NANO;
  step.time.tv_sec = by.count() / kNsPerS;
  step.time.tv_usec = by.count() % kNsPerS;
  if (step.time.tv_usec < 0) {
    step.time.tv_usec += kNsPerS;
    step.time.tv_sec -= 1;
  }
  return adjust(step);
}

Status drift_machine_clock(const ClockAnchor& anchor, double ppm) {
  if (std::abs(ppm) > kMachineDriftPpmMax) return failure("the machine's clock drifts by 100000 ppm at most", EINVAL);
  const double ticks = std::round(ppm / kPpmPerTick);
  timex rate{};
  rate.modes = ADJ_TICK | ADJ_FREQUENCY;
  rate.tick = anchor.tick_us + std::lround(ticks);
  rate.freq = anchor.frequency + std::lround((ppm - ticks * kPpmPerTick) * kFrequencyPerPpm);
  return adjust(rate);
}

Status restore_machine_clock(const ClockAnchor& anchor) {
  auto boot = read_boot_id();
  if (!boot) return failure(std::move(boot).error());
  if (*boot != anchor.boot_id) return {};
  timex state{};
  if (::clock_adjtime(CLOCK_REALTIME, &state) < 0) return system_failure("read how the clock is steered");
  if (state.freq != anchor.frequency || state.tick != anchor.tick_us) {
    timex rate{};
    rate.modes = ADJ_TICK | ADJ_FREQUENCY;
    rate.tick = anchor.tick_us;
    rate.freq = anchor.frequency;
    if (auto set = adjust(rate); !set) return set;
  }
  const auto shift = machine_clock_shift(anchor);
  if (!shift) return failure(shift.error());
  return step_machine_clock(-*shift);
}

Result<Duration> machine_clock_shift(const ClockAnchor& anchor) {
  auto now = ClockAnchor::take();
  if (!now) return failure(std::move(now).error());
  if (now->boot_id != anchor.boot_id) return failure("the machine was booted since");
  return Duration(now->realtime_ns - true_realtime_ns(anchor, *now));
}

}  // namespace fracas::agent::clock
