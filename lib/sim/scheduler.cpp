#include "lib/sim/scheduler.h"

#include <algorithm>
#include <utility>

namespace fracas::sim {

bool Scheduler::later(const Due& a, const Due& b) {
  return a.moment != b.moment ? a.moment > b.moment : a.sequence > b.sequence;
}

void Scheduler::at(Duration moment, Action action) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(std::move(action));
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(action);
  }
  heap_.push_back({std::max(moment, now_), sequence_++, slot});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

bool Scheduler::step(Duration latest) {
  if (heap_.empty() || heap_.front().moment > latest) return false;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Due due = heap_.back();
  heap_.pop_back();
  now_ = due.moment;
  // Moved out first: the action may ask for others, which may take its place.
  Action action = std::move(slots_[due.slot]);
  free_.push_back(due.slot);
  ++sequence_done_;
  action();
  return true;
}

void Scheduler::run_until(Duration moment) {
  while (step(moment)) {
  }
  now_ = std::max(now_, moment);
}

}  // namespace fracas::sim
