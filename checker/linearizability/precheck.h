#pragma once
#include <optional>

#include "checker/linearizability/finding.h"
#include "checker/models/problem.h"

namespace fracas::checker {

// Looks for violations that two to four calls of a register prove: phantom, future and stale reads (a successful
// compare-and-set reads too). O(n log n). A finding is certain; none says nothing. Evidence: indexes into calls.
// REQUIRES: the problem starts in kInitial only.
std::optional<Finding> precheck_register(const Problem& problem);

}  // namespace fracas::checker
