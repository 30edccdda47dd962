#include "agent/scheduler.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr int kThreads = 4;

}  // namespace

Result<std::unique_ptr<Scheduler>> Scheduler::start(std::function<void(const std::string& key)> on_due) {
  os::UniqueFd timer(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC));
  if (!timer) return system_failure("create timer");
  return std::unique_ptr<Scheduler>(new Scheduler(std::move(timer), std::move(on_due)));
}

Scheduler::Scheduler(os::UniqueFd timer, std::function<void(const std::string& key)> on_due)
    : timer_(std::move(timer)), on_due_(std::move(on_due)) {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

Scheduler::~Scheduler() {
  for (std::jthread& thread : threads_) thread.request_stop();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    // Each expiration wakes one thread.
    itimerspec often{};
    often.it_value.tv_nsec = often.it_interval.tv_nsec = kSecond / 1000;
    ::timerfd_settime(timer_.get(), 0, &often, nullptr);
  }
  threads_.clear();
}

void Scheduler::set(const std::string& key, std::int64_t when_boot_ns) {
  const std::lock_guard lock(mutex_);
  queue_.set(key, when_boot_ns);
  set_timer();
}

void Scheduler::clear(const std::string& key) {
  const std::lock_guard lock(mutex_);
  queue_.clear(key);
}

void Scheduler::set_timer() {
  // What is due already wakes another thread at once.
  const auto next = queue_.next();
  if (!next || stopping_) return;
  // A moment of zero would switch the timer off, one in the past fires at once.
  const std::int64_t when = std::max<std::int64_t>(*next, 1);
  itimerspec setting{};
  setting.it_value = {.tv_sec = when / kSecond, .tv_nsec = when % kSecond};
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &setting, nullptr);
}

void Scheduler::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::uint64_t expirations = 0;
    const ssize_t got = ::read(timer_.get(), &expirations, sizeof expirations);
    if (got < 0) continue;
    std::optional<std::string> due;
    {
      const std::lock_guard lock(mutex_);
      if (stop.stop_requested()) return;
      due = queue_.take_due(os::boot_now_ns());
      set_timer();
    }
    if (due) on_due_(*due);
  }
}

}  // namespace fracas::agent
