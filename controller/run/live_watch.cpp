#include "controller/run/live_watch.h"

#include <utility>

#include "controller/world/waiting.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr std::int64_t kLookEveryNs = 100'000'000;

}  // namespace

LiveWatch::LiveWatch(std::unique_ptr<LiveCheck> check, const Recorder& recorder,
                     std::function<void(const std::string&)> found)
    : check_(std::move(check)), recorder_(recorder), found_(std::move(found)) {
  if (check_) thread_ = std::jthread([this](const std::stop_token& stopping) { watch(stopping); });
}

void LiveWatch::watch(const std::stop_token& stopping) {
  while (sleep_until(os::boot_now_ns() + kLookEveryNs, stopping)) {
    check_->follow(recorder_.copy_from(check_->events()));
    {
      const std::scoped_lock lock(mutex_);
      words_ = check_->words();
    }
    if (check_->violated()) return found_(check_->sentence());
  }
}

std::string LiveWatch::words() const {
  const std::scoped_lock lock(mutex_);
  return words_;
}

}  // namespace fracas::controller
