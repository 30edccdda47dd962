#pragma once
#include <string>
#include <vector>

#include "checker/verdict.h"

namespace fracas::checker {

// One sentence for a minimal set of register operations: "stale read: key k3: c4 read 17 from n1 although c2's
// write 21 had been acknowledged 312 ms earlier". `operations` are by invocation; with `any_start` they contradict
// each other whatever the key held before the first of them, and what wrote those values may be missing among them.
std::string classify_register(const std::string& key, const std::vector<ShownOperation>& operations, bool any_start);

// The read (or compare-and-set) that shows the contradiction: the one that returned last. Nothing if there is none.
const ShownOperation* last_observer(const std::vector<ShownOperation>& operations);

}  // namespace fracas::checker
