#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "controller/probe/tolerance.h"
#include "lib/base/quantity.h"
#include "lib/model/history.h"

namespace fracas::model {
class WorkloadProbe;
}

namespace fracas::controller {

// What clients must be answered within a time that has just passed.
struct WorkloadGoals {
  Duration over = std::chrono::seconds(5);
  std::optional<double> ok_rate_min{};    // share of the operations that ended and were answered, [0, 1]
  std::optional<Duration> latency_max{};  // of the answered, at the quantile
  double quantile = 0.99;
  std::uint32_t operations_min = 10;  // of fewer nothing is said

  // "ok-rate at least 95%, latency p99 at most 50ms, over 2s".
  std::string text() const;
};

WorkloadGoals workload_goals(const model::WorkloadProbe& probe);

// Follows a growing history and says how the operations that ended last went. An operation counts as answered if it was
// ok, or if its condition did not hold. Pure. Thread: one at a time.
class WorkloadMeter {
 public:
  // Forgets what ended longer ago than that.
  explicit WorkloadMeter(Duration memory) : memory_(memory) {}

  // What is new since the last call.
  void follow(std::span<const model::Event> events);
  std::size_t events() const { return events_; }

  // Of what ended after now - goals.over, and until now. Nothing: fewer operations than it takes.
  std::optional<Judged> judge(const WorkloadGoals& goals, std::int64_t now_ns) const;

 private:
  struct Ended {
    std::int64_t time_ns = 0;
    std::int64_t took_ns = 0;
    bool answered = false;
  };

  Duration memory_;
  std::size_t events_ = 0;
  std::map<std::string, std::int64_t> open_;  // by process: when its operation was invoked
  std::deque<Ended> ended_;                   // by time
};

}  // namespace fracas::controller
