#include "agent/line/flow_schedule.h"

#include <algorithm>
#include <cmath>

namespace fracas::agent {
namespace {
constexpr std::size_t kPlaces = 4096;
}

FlowSchedule::FlowSchedule(const LineRule& rule) : rule_(rule), jitter_(rule), last_due_ns_(kPlaces, 0) {}

std::optional<std::int64_t> FlowSchedule::at_rate_ns(std::int64_t arrived_ns, std::size_t bytes) {
  const std::int64_t start_ns = std::max(free_ns_, arrived_ns);
  if (start_ns - arrived_ns > kRateQueue.count()) return std::nullopt;
  free_ns_ = start_ns + std::llround(static_cast<double>(bytes) * 1e9 / static_cast<double>(rule_.rate_bytes));
  return free_ns_;
}

std::int64_t FlowSchedule::least_ns(const LineRule& rule) {
  return rule.rate_bytes > 0 ? 0 : std::max<std::int64_t>(0, rule.delay.count() - Jitter::reach_ns(rule));
}

std::optional<std::int64_t> FlowSchedule::due_ns(std::int64_t arrived_ns, std::uint64_t flow_hash, std::size_t bytes) {
  if (rule_.rate_bytes > 0) return at_rate_ns(arrived_ns, bytes);
  const std::int64_t due_ns = arrived_ns + rule_.delay.count() + jitter_.next_ns();
  if (rule_.reorder) return due_ns;
  std::int64_t& last_due_ns = last_due_ns_[flow_hash % kPlaces];
  last_due_ns = std::max(last_due_ns, due_ns);
  return last_due_ns;
}

}  // namespace fracas::agent
