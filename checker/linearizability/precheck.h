#pragma once
#include <optional>

#include "checker/linearizability/finding.h"
#include "checker/models/problem.h"

namespace fracas::checker {

// Looks for violations that two to four calls of a register prove: phantom, future and stale reads (a successful
// compare-and-set reads too). O(n log n). A finding is certain; none says nothing. Evidence: indexes into calls.
// REQUIRES: the problem starts in kInitial only.
std::optional<Finding> precheck_register(const Problem& problem);

// True when every value is written at most once, nil never, and nothing compares: then zones decide.
bool has_unique_writes(const Problem& problem);

// Decides such a register exactly, in O(n log n), whatever the concurrency and the number of unknown outcomes.
// Evidence: indexes into calls. REQUIRES: has_unique_writes, starts in kInitial only, precheck found nothing.
// Source: Gibbons and Korach, "Testing Shared Memories", SIAM J. Comput. 26(4), 1997, section 4.
Finding decide_by_zones(const Problem& problem);

}  // namespace fracas::checker
