#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "checker/history/history.h"
#include "checker/structures/decision.h"
#include "lib/base/result.h"

namespace fracas::checker {

// Additions and reads of one counter, whatever functions they had.
struct CounterStep {
  std::int64_t invoke_ns = 0;
  std::int64_t return_ns = kNever;
  std::int64_t amount = 0;  // signed; of a read: what it saw
  std::uint32_t operation = 0;
  bool read = false;
};

// Reads without an answer, failed operations and additions of 0 are left out. ERRORS: "event N: …" for another
// function, an amount or a result that is not an integer (a read of nothing is one of 0, an amount that is not given is
// 1).
Result<std::vector<CounterStep>> counter_steps(const History& history, std::span<const std::uint32_t> operations);

// Leaves out reads that began before every addition had returned, or, where nobody knows whether it did, begun.
void drop_early_reads(std::vector<CounterStep>& steps);

// Could each read by itself have seen its value? Between the additions that had returned before it began, and those
// that had begun before it returned. A necessary condition. O(n log n).
struct CounterBounds {
  struct Read {
    std::uint32_t operation;
    std::int64_t least, value, most;
  };
  std::vector<Read> reads;
  std::vector<Read> wrong;
};
CounterBounds counter_bounds(std::span<const CounterStep> steps, std::int64_t initial);

// Is there an order that explains every read? Exact where all amounts are equal, with a witness: additions are placed
// as late as they can be. Otherwise it refuses what is outside its bounds, and says unknown. O(n log n).
Decision decide_counter(const History& history, std::span<const CounterStep> steps, std::int64_t initial);

}  // namespace fracas::checker
