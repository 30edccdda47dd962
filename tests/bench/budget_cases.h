#pragma once
#include <vector>

#include "tests/bench/measurement.h"

namespace fracas::bench {

// Searches without hope, and budgets that end them: a row is wrong that takes more than a tenth above its budget.
std::vector<Case> budget_cases();

}  // namespace fracas::bench
