#pragma once
#include "checker/structures/lifetimes.h"

namespace fracas::checker {

// Is there an order in which every take of a priority queue took the least value inside? Values are integers, the
// least first. O(n log n), exact when no take is without an answer, or no value stayed; otherwise it may say unknown.
//
// Greater values never hinder smaller ones. So the values are placed by size, each taken at the first moment at which
// no smaller one is surely inside; from the end of its put until then it hinders the greater ones. Taking it at the
// first such moment hinders them least. An empty take needs a moment in which nobody is inside.
// REQUIRES: !lifetimes.repeated, no lifetimes.refused; all values are integers.
Decision decide_priority_queue(const History& history, const Lifetimes& lifetimes);

}  // namespace fracas::checker
