#pragma once
#include <vector>

#include "tests/bench/measurement.h"

namespace fracas::bench {

// Histories that are judged while they grow. The goal of each row is 50,000 operations a second; one whose memory is
// not bounded is wrong.
std::vector<Case> streaming_cases();

}  // namespace fracas::bench
