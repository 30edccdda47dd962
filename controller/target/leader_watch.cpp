#include "controller/target/leader_watch.h"

#include <utility>

#include "controller/world/waiting.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {
constexpr std::int64_t kEvery_ns = 500'000'000;
}

LeaderWatch::LeaderWatch(std::function<std::string()> ask) : ask_(std::move(ask)), leader_(ask_()) {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (sleep_until(os::boot_now_ns() + kEvery_ns, stop)) {
      std::string leader = ask_();
      const std::scoped_lock lock(mutex_);
      leader_ = std::move(leader);
    }
  });
}

std::string LeaderWatch::last() const {
  const std::scoped_lock lock(mutex_);
  return leader_;
}

}  // namespace fracas::controller
