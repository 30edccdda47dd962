#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "checker/models/problem.h"

namespace fracas::checker {

// The returns of a problem's calls in order of time, and what was pending at each: the skeleton that both searches walk
// along. (Those of required calls, and of optional ones that may take effect until a certain time.) A pending call owns
// a slot, a bit of a configuration's set, until it returns; an optional one until nobody can observe its effect any
// more.
struct Timeline {
  struct Step {
    std::uint32_t target = 0;  // the call that returns here
    std::size_t pending = 0;   // begin of its pending calls in `pending`, the target among them
    std::size_t optional = 0;  // begin of those of them that need not take effect
    std::size_t fresh = 0;     // begin of the pure calls invoked since the step before, in `fresh`
    std::size_t expired = 0;   // begin of the slots that expired since the step before, in `expired_slots`
  };
  std::vector<Step> steps;             // one more than there are returns: the last only ends the ranges
  std::vector<std::uint32_t> pending;  // calls, by return time within a step; optional ones are last
  std::vector<std::uint32_t> fresh;    // pure calls
  std::vector<std::uint32_t> expired_slots;
  std::vector<std::uint32_t> slot;        // by call; kNone for one that can have no visible effect
  std::vector<std::uint32_t> first_step;  // by call: the first step at which it is pending
  std::vector<std::uint32_t> effect;      // by call that is not pure: equal numbers have equal effects
  std::uint32_t effects = 0;              // these numbers are smaller
  std::uint32_t slots = 0;
  std::uint32_t last_read_first_step = 0;  // of all reads: the largest first_step

  std::size_t returns() const { return steps.size() - 1; }
  std::size_t bytes() const {
    return steps.capacity() * sizeof(Step) + (pending.capacity() + fresh.capacity() + expired_slots.capacity() +
                                              slot.capacity() + first_step.capacity() + effect.capacity()) *
                                                 sizeof(std::uint32_t);
  }
};

// A part of a longer history. Its first calls were pending already when it began; they own slots 0, 1, … in their
// order, unless nobody can observe them.
struct Stretch {
  std::vector<std::uint32_t> first_steps;  // by such a call: its first_step, as if all had been one history
  std::uint32_t first_step = 0;            // where the stretch begins, above all of these; steps before it are empty
  std::int64_t until_ns = kNever;          // returns after this are of the next stretch, as may be observers: so no
                                           // optional call expires
  std::vector<bool> spent;                 // by such a call: it may have taken effect, and keeps its slot for that
};

// Nothing where it would take more than `bytes_max`.
std::optional<Timeline> build_timeline(const Problem& problem, std::size_t bytes_max);
Timeline build_timeline(const Problem& problem, const Stretch& stretch);

}  // namespace fracas::checker
