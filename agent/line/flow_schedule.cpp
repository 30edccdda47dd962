#include "agent/line/flow_schedule.h"

#include <algorithm>

namespace fracas::agent {
namespace {
constexpr std::size_t kPlaces = 4096;
}

FlowSchedule::FlowSchedule(const LineRule& rule)
    : rule_(rule), random_(rule.seed, "net.delay jitter"), last_due_ns_(kPlaces, 0) {}

std::int64_t FlowSchedule::due_ns(std::int64_t arrived_ns, std::uint64_t flow_hash) {
  std::int64_t due_ns = arrived_ns + rule_.delay.count();
  if (const std::int64_t jitter_ns = rule_.jitter.count(); jitter_ns > 0)
    due_ns += static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(2 * jitter_ns + 1))) - jitter_ns;
  std::int64_t& last_due_ns = last_due_ns_[flow_hash % kPlaces];
  last_due_ns = std::max(last_due_ns, due_ns);
  return last_due_ns;
}

}  // namespace fracas::agent
