#pragma once
#include "checker/models/problem.h"

namespace fracas::checker::tests {

// A register that 30 clients change at once, by a compare-and-set from each of six values to each other, and that is
// then read with a seventh: impossible, and no search can see that before it has tried some 10^9 configurations.
inline Problem hard_problem() {
  constexpr State kValues = 6;
  Problem problem;
  problem.states = kValues + 1;
  for (State from = 0; from < kValues; ++from)
    for (State to = 0; to < kValues; ++to) {
      if (from == to) continue;
      const auto number = static_cast<std::uint32_t>(problem.calls.size());
      problem.calls.push_back({number, 1000 + number, from, to, number, CallKind::cas, true});
    }
  problem.calls.push_back({2000, 2001, kValues, 0, 30, CallKind::read, true});
  return problem;
}

}  // namespace fracas::checker::tests
