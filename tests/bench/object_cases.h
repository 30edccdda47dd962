#pragma once
#include <vector>

#include "tests/bench/measurement.h"

namespace fracas::bench {

// The data types with near-linear procedures: each with 10^4, 10^5, 10^6 and 10^7 operations of one object, made by ten
// clients, all outcomes known.
std::vector<Case> object_cases();

}  // namespace fracas::bench
