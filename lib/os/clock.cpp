#include "lib/os/clock.h"

#include <cerrno>
#include <ctime>

namespace fracas::os {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

}  // namespace

std::int64_t boot_now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

void sleep_until_boot_ns(std::int64_t when_ns) {
  if (when_ns <= 0) return;
  const timespec when{.tv_sec = when_ns / kSecond, .tv_nsec = when_ns % kSecond};
  while (::clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &when, nullptr) == EINTR) {
  }
}

}  // namespace fracas::os
