#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "checker/history/history.h"
#include "checker/structures/decision.h"
#include "lib/base/result.h"

namespace fracas::checker {

// Is there an order of additions and reads of the whole set that explains every read? Nothing is ever removed, so what
// reads saw must grow; each addition of an element belongs after the last read that lacks it, and one of them before
// the first read that has it. O(n log n) and the sum of the reads' sizes, exact, with a witness. An element may be
// added more than once.
// REQUIRES: every operation is an add, or a read whose result is a list (nil = the empty one) or missing.
Decision decide_growing_set(const History& history, std::span<const std::uint32_t> operations);

}  // namespace fracas::checker
