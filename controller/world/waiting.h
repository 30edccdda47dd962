#pragma once
#include <cstdint>
#include <stop_token>

namespace fracas::controller {

// Sleeps until then, or until `stopping` is asked to stop. True if the time came.
bool sleep_until(std::int64_t boot_ns, const std::stop_token& stopping);

}  // namespace fracas::controller
