#include <time.h>

#include "agent/resources/stress/work.h"

namespace fracas::agent {
namespace {

constexpr std::int64_t kPeriodNs = 10'000'000;
constexpr std::int64_t kGlanceNs = 200'000;

std::int64_t cpu_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return used.tv_sec * 1'000'000'000 + used.tv_nsec;
}

// Integer work that stays in registers, so that it burns the CPU and nothing else.
void spin_until(std::int64_t when_ns) {
  volatile std::uint64_t sink = 1;
  while (boot_ns() < when_ns)
    for (int i = 0; i < 1000; ++i) sink = sink * 6364136223846793005ULL + 1442695040888963407ULL;
}

}  // namespace

void burn_cpu(Work& work) {
  const auto wanted = static_cast<std::int64_t>(work.order().share_per_million) * (kPeriodNs / 1'000'000);
  for (std::int64_t period = boot_ns(); work.goes_on();) {
    const std::int64_t used_before = cpu_ns();
    const std::int64_t busy_until = period + wanted;
    for (std::int64_t now = boot_ns(); now < busy_until && work.goes_on(); now = boot_ns())
      spin_until(now + kGlanceNs < busy_until ? now + kGlanceNs : busy_until);
    work.count(2 * (cpu_ns() - used_before) >= wanted, 0);
    period += kPeriodNs;
    work.sleep_until(period);
    // Periods that were missed altogether, stopped or starved, are not made up for.
    if (boot_ns() > period + kPeriodNs) period = boot_ns();
  }
}

}  // namespace fracas::agent
