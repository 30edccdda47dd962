#include "agent/clock/skew.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <ctime>
#include <iterator>
#include <limits>

#include "agent/clock/stub.logic.h"
#include "agent/clock/stub_image.h"

namespace fracas::agent::clock {
namespace {

using namespace std::chrono_literals;

constexpr double kQ32PerPpm = 4294.967296;
constexpr double kPpmMax = 1e6;
constexpr Duration kOffsetMax = 24h * 36500;
constexpr int kReadings = 5;
constexpr std::size_t kRealtime = 0;
constexpr std::size_t kMonotonic = 1;

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

bool active(const fracas_clock_group& group) {
  return group.start_ns != std::numeric_limits<std::int64_t>::max();
}

fracas_clock_group make_group(const Skew& skew, const Window& window, std::int64_t ahead_ns) {
  return {.start_ns = window.start_ns + ahead_ns,
          .end_ns = window.end_ns + ahead_ns,
          .offset_ns = skew.offset.count(),
          .rate_q32 = std::llround(skew.drift_ppm * kQ32PerPpm),
          .amplitude_ns = skew.strobe_by.count(),
          .period_ns = static_cast<std::uint64_t>(skew.strobe_period.count())};
}

}  // namespace

ClockReadings ClockReadings::now() {
  ClockReadings best;
  std::int64_t best_span = std::numeric_limits<std::int64_t>::max();
  for (int attempt = 0; attempt < kReadings; ++attempt) {
    const std::int64_t before = read_clock(CLOCK_BOOTTIME);
    const std::int64_t realtime = read_clock(CLOCK_REALTIME);
    const std::int64_t monotonic = read_clock(CLOCK_MONOTONIC);
    const std::int64_t span = read_clock(CLOCK_BOOTTIME) - before;
    if (span >= best_span) continue;
    best_span = span;
    best = {.boot_ns = before + span / 2, .realtime_ns = realtime, .monotonic_ns = monotonic};
  }
  return best;
}

Status check_skew(const Skew& skew) {
  if (!skew.realtime && !skew.monotonic) return failure("no clock is named", EINVAL);
  if (skew.offset == 0ns && skew.drift_ppm == 0 && skew.strobe_by == 0ns) return failure("it shifts nothing", EINVAL);
  if (skew.offset > kOffsetMax || skew.offset < -kOffsetMax) return failure("the offset is over 100 years", EINVAL);
  if (skew.strobe_by > kOffsetMax || skew.strobe_by < -kOffsetMax)
    return failure("the strobe's step is over 100 years", EINVAL);
  if (!(skew.drift_ppm > -kPpmMax && skew.drift_ppm <= kPpmMax))
    return failure("the drift is not above -1000000 and at most 1000000 ppm", EINVAL);
  if (skew.strobe_period < 0ns || (skew.strobe_by != 0ns) != (skew.strobe_period != 0ns))
    return failure("a strobe needs both its step and its period", EINVAL);
  if (skew.monotonic && skew.strobe_by != 0ns)
    return failure("the monotonic clock cannot strobe: it would step back", EINVAL);
  if (skew.monotonic && (skew.offset > kMonotonicShiftMax || skew.offset < -kMonotonicShiftMax))
    return failure("the monotonic clock is shifted by 3s at most", EINVAL);
  return {};
}

Status check_skew(const Skew& skew, const Window& window) {
  if (auto valid = check_skew(skew); !valid) return valid;
  const double drifted = skew.drift_ppm / 1e6 * static_cast<double>(window.end_ns - window.start_ns);
  const double shift = std::abs(static_cast<double>(skew.offset.count()) + drifted);
  if (skew.monotonic && shift > static_cast<double>(kMonotonicShiftMax.count()))
    return failure("the monotonic clock is shifted by 3s at most, and drift over this window is more", EINVAL);
  return {};
}

fracas_clock_config make_config(const Skew& skew, const Window& window, const ClockReadings& now) {
  fracas_clock_config config = idle_config();
  if (window.end_ns <= window.start_ns) return config;
  if (skew.realtime) config.group[kRealtime] = make_group(skew, window, now.realtime_ns - now.boot_ns);
  if (skew.monotonic) config.group[kMonotonic] = make_group(skew, window, now.monotonic_ns - now.boot_ns);
  return config;
}

fracas_clock_config with_end(fracas_clock_config config, std::int64_t end_boot_ns, const ClockReadings& now) {
  fracas_clock_group& realtime = config.group[kRealtime];
  if (active(realtime)) realtime.end_ns = end_boot_ns + now.realtime_ns - now.boot_ns;
  fracas_clock_group& monotonic = config.group[kMonotonic];
  if (active(monotonic))
    monotonic.end_ns =
        std::max(end_boot_ns + now.monotonic_ns - now.boot_ns, now.monotonic_ns + Duration(kEndAhead).count());
  return config;
}

bool has_window(const fracas_clock_config& config) {
  return std::any_of(std::begin(config.group), std::end(config.group), active);
}

fracas_clock_config begun_late(fracas_clock_config config, const ClockReadings& now) {
  fracas_clock_group& monotonic = config.group[kMonotonic];
  monotonic.start_ns = std::max(monotonic.start_ns, now.monotonic_ns + Duration(kEndAhead).count());
  return config;
}

fracas_clock_config ended(fracas_clock_config config, const ClockReadings& now) {
  config.group[kRealtime] = idle_config().group[kRealtime];
  fracas_clock_group& monotonic = config.group[kMonotonic];
  if (now.monotonic_ns < monotonic.start_ns) monotonic = idle_config().group[kMonotonic];
  if (active(monotonic)) monotonic.end_ns = std::min(monotonic.end_ns, now.monotonic_ns + Duration(kEndAhead).count());
  return config;
}

Duration melting_left(const fracas_clock_config& config, const ClockReadings& now) {
  const fracas_clock_group& group = config.group[kMonotonic];
  if (!active(group)) return 0ns;
  const std::int64_t until_end = std::max<std::int64_t>(group.end_ns - now.monotonic_ns, 0);
  const std::int64_t at_end = fracas_clock_shift(&group, now.monotonic_ns + until_end, 1);
  const std::int64_t melting = at_end > 0 ? at_end / 7 * 8 + 16 : 0;
  return Duration(until_end + melting);
}

}  // namespace fracas::agent::clock
