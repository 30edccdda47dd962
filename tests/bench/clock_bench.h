#pragma once
#include "tests/bench/bench_report.h"

namespace fracas::bench {

// What a shifted clock costs the victim: each read, and the time it is stopped while the shift comes and goes.
// REQUIRES: root, x86-64.
void bench_clock(Report& report);

}  // namespace fracas::bench
