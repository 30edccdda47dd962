#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "checker/history/history.h"
#include "checker/invariants/quantiles.h"
#include "lib/base/quantity.h"
#include "lib/model/effect.h"

// How well the system answered its clients: counts, latencies, gaps, and the time it took to recover.
namespace fracas::checker {

struct AvailabilityGoals {
  std::optional<Duration> recovered_within = {};  // after the end of the last fault
  std::optional<double> ok_rate_min = {};         // of the whole run, 0…1
  std::optional<Duration> latency_p99_max = {};   // of the answered, over the whole run
  std::optional<Duration> silence_max = {};       // no time without an answer may be longer
};

// Whether an operation got its answer. A fail that says its condition does not hold (Operation::mismatch) is one too.
bool answered(const Operation& operation);

struct PhaseNumbers {
  std::size_t invoked = 0, ok = 0, fail = 0, info = 0;
  std::size_t answered = 0;
  Quantiles latency;  // of the answered
  // 1 when nothing was invoked: nobody was turned away.
  double ok_rate() const { return invoked == 0 ? 1 : static_cast<double>(answered) / static_cast<double>(invoked); }
};

enum class Phase : std::uint8_t { before, during, after };  // of the first fault's start and the last one's end

// A time in which no answer came back: from the last answer before (or the first invocation) to the next one (or the
// end of the history).
struct Silence {
  std::int64_t start_ns = 0;  // CLOCK_BOOTTIME
  std::int64_t end_ns = 0;
};

struct Availability {
  PhaseNumbers total;
  std::array<PhaseNumbers, 3> phases;  // by Phase; an operation belongs to the one it was invoked in
  Silence silence_longest;             // without an answered operation returning, first invocation to last event
  std::vector<Silence> silences;       // all of kSilence or longer, by time
  std::int64_t silent_ns = 0;          // their sum
  // After the last fault's end: how long until the system answered steadily again. Time since that end is cut into
  // buckets of kRecoveryBucket, by invocation; a bucket is good when at least kRecoveredRate of what was invoked in
  // it was answered, and buckets without invocations are good. Recovery is the start of the first bucket from which
  // all are good, so its resolution is one bucket. Nothing when there were no faults or nothing was invoked after them.
  std::optional<Duration> recovery;
  bool never_recovered = false;  // the last bucket with invocations was not good; `recovery` is then empty
};

inline constexpr Duration kSilence = std::chrono::seconds(1);
inline constexpr Duration kRecoveryBucket = std::chrono::milliseconds(500);
inline constexpr double kRecoveredRate = 0.95;

Availability measure_availability(const History& history, std::span<const model::FaultWindow> faults);

}  // namespace fracas::checker
