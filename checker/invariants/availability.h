#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "checker/history/history.h"
#include "lib/base/quantity.h"
#include "lib/model/effect.h"

// How well the system answered its clients: counts, latencies, gaps, and the time it took to recover.
namespace fracas::checker {

struct AvailabilityGoals {
  std::optional<Duration> recovered_within = {};  // after the end of the last fault
  std::optional<double> ok_rate_min = {};         // of the whole run, 0…1
};

// Whether an operation got its answer. A fail that says its condition does not hold (Operation::mismatch) is one too.
bool answered(const Operation& operation);

struct Quantiles {
  double p50_ms = 0, p90_ms = 0, p99_ms = 0, max_ms = 0;  // exact; 0 when there is nothing to measure
};

struct PhaseNumbers {
  std::size_t invoked = 0, ok = 0, fail = 0, info = 0;
  std::size_t answered = 0;
  Quantiles latency;  // of the answered
  // 1 when nothing was invoked: nobody was turned away.
  double ok_rate() const { return invoked == 0 ? 1 : static_cast<double>(answered) / static_cast<double>(invoked); }
};

enum class Phase : std::uint8_t { before, during, after };  // of the first fault's start and the last one's end

struct Availability {
  PhaseNumbers total;
  std::array<PhaseNumbers, 3> phases;  // by Phase; an operation belongs to the one it was invoked in
  std::int64_t gap_longest_ns = 0;     // without an answered operation returning, first invocation to last event
  std::int64_t gap_start_ns = 0;       // CLOCK_BOOTTIME
  // After the last fault's end: how long until the system answered steadily again. Time since that end is cut into
  // buckets of kRecoveryBucket, by invocation; a bucket is good when at least kRecoveredRate of what was invoked in
  // it was answered, and buckets without invocations are good. Recovery is the start of the first bucket from which
  // all are good, so its resolution is one bucket. Nothing when there were no faults or nothing was invoked after them.
  std::optional<Duration> recovery;
  bool never_recovered = false;  // the last bucket with invocations was not good; `recovery` is then empty
};

inline constexpr Duration kRecoveryBucket = std::chrono::milliseconds(500);
inline constexpr double kRecoveredRate = 0.95;

Availability measure_availability(const History& history, std::span<const model::FaultWindow> faults);

}  // namespace fracas::checker
