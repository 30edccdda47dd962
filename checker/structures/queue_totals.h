#pragma once
#include <cstdint>
#include <span>

#include "checker/history/history.h"
#include "checker/structures/decision.h"
#include "lib/base/result.h"

// A queue of any order, by what went in and what came out.
namespace fracas::checker {

enum class Delivery : std::uint8_t {
  at_least_once,  // what was acknowledged comes out
  at_most_once,   // nothing comes out more often than it went in, or before it went in
  exactly_once,   // both
};

// Counts how often each value went in (acknowledged, perhaps, or not) and came out. The history must end with the queue
// drained: a value that is still inside is lost. So is one that an operation without an answer may have taken, because
// nobody got it; the numbers say how many of those there are. What comes out without having gone in is always refused.
// O(n). `operations` are those of one queue: enqueue, dequeue, and drain, whose result is a list.
// Counts: acknowledged, delivered, lost, duplicated, unexpected, recovered (delivered, though the enqueue was not
// acknowledged), unanswered_takes. ERRORS: "event N: …" for another function, or a drain whose result is no list.
// Source: Jepsen's total-queue and queue checkers, which this agrees with.
Result<Decision> decide_queue_totals(const History& history, std::span<const std::uint32_t> operations,
                                     Delivery delivery);

}  // namespace fracas::checker
