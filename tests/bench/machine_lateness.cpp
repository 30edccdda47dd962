#include "tests/bench/machine_lateness.h"

#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "lib/os/clock.h"
#include "tests/bench/net_bench_hosts.h"

namespace fracas::bench {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

void become_real_time() {
  sched_param priority{};
  priority.sched_priority = 10;
  ::sched_setscheduler(0, SCHED_FIFO, &priority);
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

std::vector<double> late_wake_ups_us() {
  std::vector<double> late;
  std::thread([&late] {
    become_real_time();
    for (std::int64_t due = os::boot_now_ns() + kMillisecond; late.size() < 1000;
         due = os::boot_now_ns() + kMillisecond) {
      os::sleep_until_boot_ns(due);
      late.push_back(static_cast<double>(os::boot_now_ns() - due) * 1e-3);
    }
  }).join();
  return late;
}

// How long, in ns, a thread that only reads the clock for `length_ns` saw it stand still: each time above a
// microsecond.
std::vector<double> gaps_ns(std::int64_t length_ns) {
  std::vector<double> gaps;
  std::thread([&gaps, length_ns] {
    become_real_time();
    std::int64_t last = os::boot_now_ns();
    for (const std::int64_t end = last + length_ns; last < end;) {
      const std::int64_t now = os::boot_now_ns();
      if (now - last > 1'000) gaps.push_back(static_cast<double>(now - last));
      last = now;
    }
  }).join();
  return gaps;
}

// Of the moments in `all` ns, with the same chance for each, that share is missed by less.
double lateness_at(std::vector<double> gaps, double all, double share) {
  std::sort(gaps.begin(), gaps.end(), std::greater<>());
  // Of the time, `longer` lies in gaps above a bound; what is later than the bound is that without the bound of each.
  double longer = 0;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    longer += gaps[i];
    const double next = i + 1 < gaps.size() ? gaps[i + 1] : 0;
    const double count = static_cast<double>(i + 1);
    if (longer - next * count >= (1 - share) * all) return (longer - (1 - share) * all) / count;
  }
  return 0;
}

}  // namespace

void lateness_of_machine(Report& report) {
  const auto late = late_wake_ups_us();
  report.add("the machine: a thread sleeps 1 ms and wakes late by, p50", quantile(late, 0.5), "us");
  report.add("  p99", quantile(late, 0.99), "us");
  // Short of the share of a second that the kernel keeps for ordinary threads.
  constexpr std::int64_t kLength = 900 * kMillisecond;
  const auto gaps = gaps_ns(kLength);
  report.add("the machine: a thread that never sleeps is late by, p99", lateness_at(gaps, kLength, 0.99) * 1e-3, "us");
  report.add("  at most", quantile(gaps, 1) * 1e-3, "us");
}

double stolen_ms() {
  std::ifstream stat("/proc/stat");
  std::string word;
  double ticks = 0;
  for (int column = 0; column <= 8 && stat >> word; ++column)
    if (column == 8) ticks = std::stod(word);
  return ticks * 1e3 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace fracas::bench
