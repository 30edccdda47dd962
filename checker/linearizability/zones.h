#pragma once
#include <optional>

#include "checker/linearizability/finding.h"
#include "checker/models/problem.h"

namespace fracas::checker {

// Decides exactly, whatever the concurrency and the number of unknown outcomes, a register whose values each have one
// origin: every state is produced by at most one write or compare-and-set, nil by none, and no mismatch counts. Nothing
// for other registers. Calls of unknown outcome whose effect nobody observed are left out, which changes nothing.
//
// All operations on one value, and on the values that compare-and-sets made of it, lie together in every order: they
// are one zone. O(n log n), O(n) for calls in the order of their invocations, as here. Evidence and witness (if
// it is wanted): indexes into calls.
// REQUIRES: the problem starts in kInitial only.
// Source: Gibbons and Korach, "Testing Shared Memories", SIAM J. Comput. 26(4), 1997, section 4; the chains are ours.
std::optional<Finding> decide_by_zones(const Problem& problem, bool witness);

}  // namespace fracas::checker
