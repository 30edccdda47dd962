#pragma once
#include <cstdint>
#include <vector>

namespace fracas::checker {

// Of times: the smallest that at least the fraction of all do not exceed. 0 when there is nothing to measure.
struct Quantiles {
  double p50_ms = 0, p90_ms = 0, p99_ms = 0, max_ms = 0;  // exact
};

Quantiles quantiles_of(std::vector<std::int64_t> times_ns);

}  // namespace fracas::checker
