#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/line/delay_line.h"
#include "agent/line/jitter.h"

namespace fracas::agent {

// When each packet of one rule leaves: after the packets before it are out at the rule's rate, or at arrival + delay,
// give or take the jitter; and, unless reordering is asked for, never before an earlier packet of its flow. Flows share
// 4096 places; two that meet in one only keep each other's order as well. Same seed and packets, same times.
class FlowSchedule {
 public:
  explicit FlowSchedule(const LineRule& rule);

  // Nothing: the queue in front of a slow line is full, and the packet is lost.
  std::optional<std::int64_t> due_ns(std::int64_t arrived_ns, std::uint64_t flow_hash, std::size_t bytes);
  // Every packet is held at least so long.
  static std::int64_t least_ns(const LineRule& rule);

 private:
  std::optional<std::int64_t> at_rate_ns(std::int64_t arrived_ns, std::size_t bytes);

  LineRule rule_;
  Jitter jitter_;
  std::int64_t free_ns_ = 0;               // when the slow line has sent what it took
  std::vector<std::int64_t> last_due_ns_;  // by place
};

}  // namespace fracas::agent
