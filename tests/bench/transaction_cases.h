#pragma once
#include <vector>

#include "tests/bench/measurement.h"

namespace fracas::bench {

// Transactions: the rows of docs/benchmarks-checker.md under that name.
std::vector<Case> transaction_cases();

}  // namespace fracas::bench
