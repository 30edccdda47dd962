#include "agent/resources/stress/work.h"

#include <time.h>

#include <algorithm>

namespace fracas::agent {
namespace {

constexpr std::int64_t kSliceNs = 5'000'000;

}  // namespace

std::int64_t boot_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

std::int64_t Work::end_ns() const {
  const std::int64_t window_end = std::atomic_ref(control_.end_ns).load();
  const std::int64_t lease_end = std::atomic_ref(control_.lease_end_ns).load();
  if (window_end == kStressOver) return 0;
  return window_end == 0 ? lease_end : std::min(window_end, lease_end);
}

bool Work::goes_on() const {
  return boot_ns() < end_ns();
}

void Work::sleep_until(std::int64_t when_ns) const {
  for (std::int64_t now = boot_ns(); now < when_ns && now < end_ns(); now = boot_ns()) {
    const std::int64_t pause = std::min({when_ns - now, end_ns() - now, kSliceNs});
    if (pause <= 0) return;
    const timespec span{.tv_sec = 0, .tv_nsec = pause};
    ::nanosleep(&span, nullptr);
  }
}

bool Work::wait_for_start() const {
  while (goes_on()) {
    const std::int64_t end = std::atomic_ref(control_.end_ns).load();
    const std::int64_t start = std::atomic_ref(control_.start_ns).load();
    if (end > 0 && boot_ns() >= start) return true;
    const std::int64_t soon = boot_ns() + kSliceNs;
    sleep_until(end > 0 ? std::min(start, soon) : soon);
  }
  return false;
}

void Work::count(bool done, std::uint64_t bytes) {
  std::atomic_ref(slot_.tried).fetch_add(1);
  if (!done) return;
  const std::int64_t now = boot_ns();
  if (slot_.first_ns == 0) std::atomic_ref(slot_.first_ns).store(now);
  std::atomic_ref(slot_.last_ns).store(now);
  std::atomic_ref(slot_.bytes).fetch_add(bytes);
  std::atomic_ref(slot_.done).fetch_add(1);
}

}  // namespace fracas::agent
