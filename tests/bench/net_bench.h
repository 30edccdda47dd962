#pragma once
#include "tests/bench/bench_report.h"

// What the network data plane costs and how exact it is, beside what the same takes without it or by other programs.
// REQUIRES of all: root.
namespace fracas::bench {

void bench_packets(Report& report);       // one packet, and how many are lost
void bench_changes(Report& report);       // arming, cutting off, healing
void bench_throughput(Report& report);    // with a classifier, and through a delay
void bench_delays(Report& report);        // how exactly packets are held
void bench_beside_netem(Report& report);  // the same in turns with netem, where the kernel has it

}  // namespace fracas::bench
