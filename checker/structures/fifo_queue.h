#pragma once
#include "checker/structures/lifetimes.h"

namespace fracas::checker {

// Is there an order in which the values of a first-in-first-out queue came out as they went in? O(n log n), exact
// except where an empty take, a value that stayed and a take without an answer meet and two simple ways to pair the
// last two fail: then unknown. Equal times count as concurrent.
// REQUIRES: !lifetimes.repeated, no lifetimes.refused.
// Source: Henzinger, Sezgin and Vafeiadis, "Aspect-oriented linearizability proofs", CONCUR 2013: only a value out of
// order, or an empty take while the queue surely holds something, can go wrong; takes without an answer are paired
// with values that stayed by their deadlines.
Decision decide_fifo_queue(const History& history, const Lifetimes& lifetimes);

}  // namespace fracas::checker
