#pragma once
#include <cstdint>
#include <optional>

#include "agent/effect.h"

namespace fracas::agent {

// An effect that the kernel does not time by itself: the agent's scheduler calls `tick` when its next step is due.
// Its last step, the end, is `revert`. Thread: calls on one effect are made one at a time.
class TimedEffect : public Effect {
 public:
  // When its next step is due, in CLOCK_BOOTTIME nanoseconds; nothing if none is left but the end.
  std::optional<std::int64_t> next_ns() const override = 0;
  // Does what is due at `now_ns`. Whoever calls it makes sure that neither window nor lease is over.
  // ERRORS: what could not be done; the step is not tried again.
  Status tick(std::int64_t now_ns) override = 0;
};

}  // namespace fracas::agent
