#pragma once
#include "checker/linearizability/finding.h"
#include "checker/models/problem.h"

namespace fracas::checker {

// Decides any problem by just-in-time search with memoisation, in time exponential in the worst case: a depth-first
// search for a witness and a breadth-first one for a refutation take turns, because each is hopeless where the other
// is quick. `evidence` stays empty; `failed_at_ns` is the return that no order of the calls can reach.
// Deterministic. Thread: any, one call uses one, or two where the budget
// says so. Source: see expansion.h.
Finding search(const Problem& problem, const Budget& budget);

}  // namespace fracas::checker
