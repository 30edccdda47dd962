#include "controller/run/lease_keeper.h"

#include <algorithm>
#include <chrono>

#include "lib/os/clock.h"

namespace fracas::controller {

LeaseKeeper::LeaseKeeper(World& world, Duration lease, Lost lost) : lease_(lease), lost_(std::move(lost)) {
  const std::int64_t now_ns = os::boot_now_ns();
  const auto count = static_cast<std::int64_t>(world.hosts().size());
  for (const Host& host : world.hosts()) {
    const std::int64_t turn_ns = lease.count() / 4 * static_cast<std::int64_t>(kept_.size()) / count;
    kept_.push_back(
        {.agent = &world.agent(host.name), .host = host.name, .heard_ns = now_ns, .next_ns = now_ns + turn_ns});
  }
  thread_ = std::jthread([this](const std::stop_token& stopping) { keep(stopping); });
}

LeaseKeeper::~LeaseKeeper() {
  thread_.request_stop();
  thread_.join();
  std::unique_lock lock(mutex_);
  heard_.wait(lock, [this] { return std::ranges::none_of(kept_, &Kept::asked); });
}

void LeaseKeeper::keep(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    std::vector<Kept*> due;
    std::vector<std::pair<std::string, Error>> lost;
    const std::int64_t now_ns = os::boot_now_ns();
    {
      std::unique_lock lock(mutex_);
      std::int64_t next_ns = now_ns + lease_.count() / 16;
      for (Kept& kept : kept_) {
        if (kept.asked || kept.lost) continue;
        if (kept.error && now_ns - kept.heard_ns > lease_.count() / 2) {
          kept.lost = true;
          lost.emplace_back(kept.host, *kept.error);
        } else if (kept.next_ns <= now_ns) {
          kept.asked = true;
          due.push_back(&kept);
        } else {
          next_ns = std::min(next_ns, kept.next_ns);
        }
      }
      if (due.empty() && lost.empty())
        heard_.wait_for(lock, stopping, std::chrono::nanoseconds(next_ns - now_ns), [] { return false; });
    }
    for (Kept* kept : due) ask(*kept, now_ns);
    for (const auto& [host, error] : lost)
      if (!stopping.stop_requested()) lost_(host, error);
  }
}

void LeaseKeeper::ask(Kept& kept, std::int64_t now_ns) {
  kept.agent->renew(lease_, [this, &kept, now_ns](Result<std::vector<FaultCounters>> answer) {
    hear(kept, now_ns, std::move(answer));
  });
}

void LeaseKeeper::hear(Kept& kept, std::int64_t asked_ns, Result<std::vector<FaultCounters>> answer) {
  const std::scoped_lock lock(mutex_);
  kept.asked = false;
  kept.next_ns = asked_ns + lease_.count() / (answer ? 4 : 16);
  if (answer) {
    kept.heard_ns = asked_ns;
    kept.error.reset();
    kept.faults = std::move(*answer);
  } else {
    kept.error = std::move(answer).error();
  }
  // Under the mutex, because the keeper may be gone right after it.
  heard_.notify_all();
}

std::uint64_t LeaseKeeper::affected(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  std::uint64_t sum = 0;
  for (const Kept& kept : kept_)
    for (const FaultCounters& fault : kept.faults)
      if (fault.id == id) sum += fault.counters.affected;
  return sum;
}

}  // namespace fracas::controller
