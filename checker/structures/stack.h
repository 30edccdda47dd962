#pragma once
#include "checker/structures/lifetimes.h"

namespace fracas::checker {

// Is there an order in which the values of a stack came out last-in-first-out? O(n log n), exact when no take is
// without an answer, or no value stayed; otherwise it may say unknown. Equal times count as concurrent.
//
// A value whose put and take overlap can go in and out at one moment and never disturbs anybody. Of the others, each
// is surely inside between the end of its put and the beginning of its take. Where nobody is surely inside, the history
// falls into a part before and a part after. In a part without such a moment the first value in must be the last one
// out: it must have been put before any put ended, and taken after every take began. It is then removed, which may
// open new moments. A part that has no such value is impossible. An empty take needs a moment in which nobody is
// inside. REQUIRES: !lifetimes.repeated, no lifetimes.refused. Source: after Lee and Mathur, "Efficient
// decrease-and-conquer linearizability monitoring", OOPSLA 2025 (the idea of removing values that cannot matter) and
// Abdulla et al., "Efficient linearizability monitoring", PLDI 2025.
Decision decide_stack(const History& history, const Lifetimes& lifetimes);

}  // namespace fracas::checker
