#pragma once
#include <string>
#include <vector>

#include "checker/history/history.h"

namespace fracas::checker {

// One sentence for a minimal set of register operations of one key: "stale read: key k3: c4 read 17 from n1 although
// c2's write 21 had been acknowledged 312 ms earlier". `operations` are by invocation, at least one; with `any_start`
// they contradict each other whatever the key held before the first of them, and what wrote those values may be missing
// among them.
std::string classify_register(const History& history, const std::vector<const Operation*>& operations, bool any_start);

// The read (or compare-and-set) that shows the contradiction: the one that returned last. Nothing if there is none.
const Operation* last_observer(const std::vector<const Operation*>& operations);

}  // namespace fracas::checker
