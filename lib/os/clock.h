#pragma once
#include <cstdint>

namespace fracas::os {

// CLOCK_BOOTTIME in nanoseconds: the clock of every record and of every fault window, the same that
// bpf_ktime_get_boot_ns() reads. Monotonic, counts suspend, no step from NTP.
std::int64_t boot_now_ns();

// Blocks the calling thread until then; returns at once when it has passed.
void sleep_until_boot_ns(std::int64_t when_ns);

}  // namespace fracas::os
