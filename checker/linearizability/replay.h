#pragma once
#include <span>
#include <vector>

#include "checker/linearizability/timeline.h"

namespace fracas::checker {

// One move of a search: the call that took effect, kNone where the target of the step was absorbed, left out, or had
// taken effect already; and the step that it led to.
struct Move {
  std::uint32_t call = kNone;
  std::uint32_t to_step = 0;
};

// The order of calls that a way of moves from `start` to the last step stands for, with the pure and absorbed calls in
// their places. Calls of unknown outcome that did not take effect are not in it.
std::vector<std::uint32_t> replay(const Problem& problem, const Timeline& timeline, State start,
                                  std::span<const Move> way);

}  // namespace fracas::checker
