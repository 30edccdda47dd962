#include "controller/run/happenings.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "lib/os/clock.h"

namespace fracas::controller {

std::string Happening::text() const {
  const std::string name = model::to_text(event);
  return detail.empty() ? name : name + ": " + detail;
}

void Happenings::publish(Happening happening) {
  {
    const std::scoped_lock lock(mutex_);
    all_.push_back(std::move(happening));
  }
  more_.notify_all();
}

std::optional<Happening> Happenings::first_locked(const model::RunEvent& event, std::int64_t from_ns) const {
  const auto found = std::find_if(
      all_.begin(), all_.end(), [&](const Happening& each) { return each.time_ns >= from_ns && each.event == event; });
  if (found == all_.end()) return std::nullopt;
  return *found;
}

std::optional<Happening> Happenings::first(const model::RunEvent& event, std::int64_t from_ns) const {
  const std::scoped_lock lock(mutex_);
  return first_locked(event, from_ns);
}

std::optional<Happening> Happenings::wait(const model::RunEvent& event, std::int64_t from_ns, std::int64_t deadline_ns,
                                          const std::stop_token& stopping) {
  std::unique_lock lock(mutex_);
  std::optional<Happening> found;
  while (!stopping.stop_requested()) {
    found = first_locked(event, from_ns);
    const std::int64_t rest_ns = deadline_ns - os::boot_now_ns();
    if (found || rest_ns <= 0) return found;
    more_.wait_for(lock, stopping, std::chrono::nanoseconds(rest_ns),
                   [&] { return first_locked(event, from_ns).has_value(); });
  }
  return found;
}

}  // namespace fracas::controller
