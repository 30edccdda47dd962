#pragma once
#include <cstdint>
#include <vector>

#include "checker/linearizability/finding.h"
#include "checker/models/problem.h"

namespace fracas::checker {

// A few calls that no order explains, from all of a key's.
struct Minimal {
  std::vector<std::uint32_t> calls;  // indexes into the problem's calls, ascending
  bool any_start = false;            // they contradict each other whatever the register held before the first of them
  std::int64_t from_ns = 0;          // any_start: calls invoked by then may have taken effect before
};

// Removes calls from a violated register problem as long as the rest is still a violation, and only in ways that
// cannot make one: a call may go when nothing that stays observes the state it produced. The result is 1-minimal
// under such removals, unless the effort ran out. REQUIRES: decide_register(problem) found `finding`, a violation.
// Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002.
Minimal minimize(const Problem& problem, const Finding& finding);

}  // namespace fracas::checker
