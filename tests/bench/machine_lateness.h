#pragma once
#include "tests/bench/bench_report.h"

namespace fracas::bench {

// What the machine itself does, measured for a second: how late clock_nanosleep wakes a real-time thread, and how late
// a thread would be that never sleeps at all, because the processor is taken from it. Nothing that holds packets in
// user space can be better than the second.
void lateness_of_machine(Report& report);

// Processor time that the hypervisor has given to others since the machine started, in ms. Source: proc(5), "steal".
double stolen_ms();

}  // namespace fracas::bench
