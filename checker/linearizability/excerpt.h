#pragma once
#include <cstdint>
#include <limits>
#include <span>

#include "checker/models/problem.h"

namespace fracas::checker {

// Which part of a register's history is looked at.
struct Cut {
  static constexpr std::int64_t kBeginning = std::numeric_limits<std::int64_t>::min();
  // Only what returned after this time; the register may then have held anything, and calls that began before may have
  // taken effect already. kBeginning: from the start, where it held nil.
  std::int64_t from_ns = kBeginning;
  std::int64_t until_ns = kNever;  // returns after this time do not count

  bool any_start() const { return from_ns != kBeginning; }
};

// These calls of a register problem alone, cut so that the excerpt is violated only if the problem is. `calls`: indexes
// in ascending order; those that returned before the cut, or began after it, are left out. Indexes into the excerpt's
// calls mean nothing to the problem.
Problem excerpt(const Problem& problem, std::span<const std::uint32_t> calls, const Cut& cut);

}  // namespace fracas::checker
