#include "checker/readers/line_times.h"

#include <fmt/format.h>

#include <algorithm>

namespace fracas::checker {
namespace {

using model::EventType;

constexpr std::int64_t kLateNsMax = 1'000'000'000;
constexpr std::int64_t kTimeMax = std::int64_t{1} << 62;

}  // namespace

Result<std::int64_t> LineTimes::place(std::optional<std::int64_t> recorded_ns, EventType type, std::int64_t number) {
  const bool timed = recorded_ns.has_value();
  if (!timed_) {
    timed_ = timed;
    first_ns_ = recorded_ns.value_or(0);
  }
  if (timed != *timed_)
    return failure(timed ? "the event has a \"time\", unlike those before it"
                         : "the event has no \"time\", unlike those before it");
  if (!timed) return number;
  std::int64_t time_ns = *recorded_ns;
  if (time_ns <= -kTimeMax || time_ns >= kTimeMax) return failure(fmt::format("{} is no time in nanoseconds", time_ns));
  differ_ = differ_ || time_ns != first_ns_;
  if (time_ns < last_ns_) {
    const std::int64_t late_ns = last_ns_ - time_ns;
    if (late_ns > kLateNsMax)
      return failure(
          fmt::format("its time {} is {:.3f} s before that of the event before it; the order of the lines "
                      "must be that of the events",
                      time_ns, static_cast<double>(late_ns) / 1e9));
    ++late_lines_;
    late_ns_max_ = std::max(late_ns_max_, late_ns);
    time_ns = last_ns_;
  }
  if (type == EventType::invoke && time_ns == last_return_ns_) ++time_ns;
  if (type == EventType::ok || type == EventType::fail) last_return_ns_ = time_ns;
  last_ns_ = time_ns;
  return time_ns;
}

}  // namespace fracas::checker
