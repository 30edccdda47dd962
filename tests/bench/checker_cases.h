#pragma once
#include <vector>

#include "tests/bench/measurement.h"

namespace fracas::bench {

// Linearizability: every row of docs/benchmarks-checker.md but those of reading and of transactions.
std::vector<Case> linearizability_cases();

}  // namespace fracas::bench
