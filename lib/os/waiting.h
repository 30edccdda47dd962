#pragma once
#include <cstdint>

#include "lib/os/clock.h"

namespace fracas::os {

// Looks every two milliseconds whether `condition` holds; false if it does not after `patience_ns`. For what the kernel
// has no event for.
template <typename Condition>
bool wait_until(std::int64_t patience_ns, const Condition& condition) {
  constexpr std::int64_t kLookAgainNs = 2'000'000;
  const std::int64_t deadline = boot_now_ns() + patience_ns;
  while (!condition()) {
    if (boot_now_ns() >= deadline) return false;
    sleep_until_boot_ns(boot_now_ns() + kLookAgainNs);
  }
  return true;
}

}  // namespace fracas::os
