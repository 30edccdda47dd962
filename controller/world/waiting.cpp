#include "controller/world/waiting.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "lib/os/clock.h"

namespace fracas::controller {

bool sleep_until(std::int64_t boot_ns, const std::stop_token& stopping) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  while (!stopping.stop_requested()) {
    const std::int64_t rest_ns = boot_ns - os::boot_now_ns();
    if (rest_ns <= 0) return true;
    never.wait_for(lock, stopping, std::chrono::nanoseconds(rest_ns), [] { return false; });
  }
  return false;
}

}  // namespace fracas::controller
