#pragma once
#include <optional>

#include "checker/linearizability/finding.h"
#include "checker/models/lists.h"

namespace fracas::checker {

// Decides a list-append key exactly in O(n log n + length of all lists) unless an element is appended more than once:
// the longest read then fixes the order of all appends, and every read's place in it. Nothing is returned where an
// element is appended twice and no read is wrong by itself: the search must decide. Evidence: indexes into
// History::operations.
std::optional<Finding> decide_by_order(const Lists& lists);

}  // namespace fracas::checker
