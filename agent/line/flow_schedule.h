#pragma once
#include <cstdint>
#include <vector>

#include "agent/line/delay_line.h"
#include "lib/base/random.h"

namespace fracas::agent {

// When each packet of one rule leaves: arrival + delay, give or take the jitter, but never before an earlier packet of
// its flow. Flows share 4096 places; two that meet in one only keep each other's order as well. Same seed and packets,
// same times.
class FlowSchedule {
 public:
  explicit FlowSchedule(const LineRule& rule);

  std::int64_t due_ns(std::int64_t arrived_ns, std::uint64_t flow_hash);

 private:
  LineRule rule_;
  RandomStream random_;
  std::vector<std::int64_t> last_due_ns_;  // by place
};

}  // namespace fracas::agent
