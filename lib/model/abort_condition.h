#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

// What ends a run's faults at once: an entry of safety.abort_when.
namespace fracas::model {

struct AbortCondition {
  enum class What : std::uint8_t { probe, ok_rate, latency };
  What what = What::probe;
  std::string probe{};                      // its name
  double ok_rate_min = 0;                   // share of the operations that ended and were answered, in [0, 1]
  double quantile = 0.99;                   // of the latencies of the answered, in (0, 1]
  Duration latency_max{};                   // at that quantile
  Duration over = std::chrono::seconds(5);  // the time looked back at
};

// Reads "probe:NAME", "ok-rate < 50% over 5s", "latency p99.9 > 1s"; `over` may be left out. ERRORS: what is wrong.
Result<AbortCondition> parse_abort_condition(std::string_view text);

}  // namespace fracas::model
