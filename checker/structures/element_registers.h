#pragma once
#include <cstdint>
#include <span>

#include "checker/history/history.h"
#include "checker/linearizability/finding.h"
#include "checker/structures/decision.h"
#include "lib/base/result.h"

namespace fracas::checker {

// A set whose elements come and go: add, remove, contains (a boolean), and reads of the whole set. An add or remove
// that answers with a boolean says whether it changed something.
//
// Each element is a register of its own that says whether it is there, so without reads of the whole set the answer is
// exact: a product of objects is linearizable exactly when each is (Herlihy and Wing, 1990). A read of the whole set
// reads every element, and a length counts them: each element must still be linearizable by itself, but that is no
// longer enough, so then it refuses or says unknown. ERRORS: "event N: …" for another function or form.
Result<Decision> decide_elements(const History& history, std::span<const std::uint32_t> operations,
                                 const Budget& budget);

// Whether decide_growing_set does: there are only adds, without booleans, and reads of the whole set.
bool only_grows(const History& history, std::span<const std::uint32_t> operations);

}  // namespace fracas::checker
