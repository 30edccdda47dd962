#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lib/model/effect.h"

namespace fracas::checker {

struct FaultContext {
  std::vector<std::string> ids;  // faults that overlap [start, moment], else the last that ended before; by start
  std::string sentence;  // "during ring#1 (net.partition n1 n2 | n3), 1.2 s after its start"; empty without faults
};

// Where a violation that began at `start_ns` and became visible at `moment_ns` (CLOCK_BOOTTIME both) lies among the
// faults.
FaultContext place_among_faults(std::span<const model::FaultWindow> faults, std::int64_t start_ns,
                                std::int64_t moment_ns);

}  // namespace fracas::checker
