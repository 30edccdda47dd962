#include "controller/run/lease_keeper.h"

#include "controller/world/waiting.h"
#include "lib/os/clock.h"

namespace fracas::controller {

LeaseKeeper::LeaseKeeper(World& world, Duration lease, Lost lost) : lease_(lease), lost_(std::move(lost)) {
  for (const Host& host : world.hosts())
    threads_.emplace_back([this, &agent = world.agent(host.name), name = host.name](const std::stop_token& stopping) {
      keep(agent, name, stopping);
    });
}

void LeaseKeeper::keep(AgentClient& agent, const std::string& host, const std::stop_token& stopping) {
  std::int64_t heard_ns = os::boot_now_ns();
  while (!stopping.stop_requested()) {
    const std::int64_t now_ns = os::boot_now_ns();
    auto counters = agent.renew(lease_);
    if (counters) {
      heard_ns = now_ns;
      const std::scoped_lock lock(mutex_);
      latest_[host] = std::move(*counters);
    } else if (os::boot_now_ns() - heard_ns > (lease_ / 2).count()) {
      if (!stopping.stop_requested()) lost_(host, counters.error());
      return;
    }
    sleep_until(now_ns + (lease_ / (counters ? 4 : 16)).count(), stopping);
  }
}

std::uint64_t LeaseKeeper::affected(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& [host, faults] : latest_)
    for (const FaultCounters& fault : faults)
      if (fault.id == id) sum += fault.counters.affected;
  return sum;
}

}  // namespace fracas::controller
