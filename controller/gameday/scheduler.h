#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "controller/gameday/day.h"
#include "controller/gameday/event.h"

// Decides what happens to game days. Pure: the time comes with the event, and what is to be done is returned.
namespace fracas::controller::gameday {

// A start that is later than this was missed, unless the plan lets it run late or queue.
inline constexpr std::chrono::seconds kPunctual{60};

class Scheduler {
 public:
  explicit Scheduler(Days days = {}) : days_(std::move(days)) {}

  // One event, in any order and at any time: what does not fit any more changes nothing, or is refused if a person
  // asked for it.
  Output step(Instant now, const Event& event);

  const Days& days() const { return days_; }
  // Why nothing may start; none: it may.
  const std::optional<std::string>& frozen() const { return frozen_; }

 private:
  Days days_;
  std::optional<std::string> frozen_;
};

}  // namespace fracas::controller::gameday
