#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "checker/verdict.h"
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

// Keeps, for the proof, the moments from its first operation or event to when it showed, and the last before them.
// `moments` are by time.
void add_moments(Counterexample& example, std::span<const ShownMoment> moments);

// "n2 became leader in term 4, 1.2 s before", one line a mark of the proof.
std::vector<std::string> render_marks(const Counterexample& example);

}  // namespace fracas::checker
