#include "lib/sim/scheduler.h"

#include <algorithm>
#include <utility>

namespace fracas::sim {

bool Scheduler::later(const Due& a, const Due& b) {
  return a.moment != b.moment ? a.moment > b.moment : a.sequence > b.sequence;
}

std::uint32_t Scheduler::take_slot(Duration moment) {
  auto slot = static_cast<std::uint32_t>(slots_.size());
  if (free_.empty()) {
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  heap_.push_back({std::max(moment, now_), sequence_++, slot});
  std::push_heap(heap_.begin(), heap_.end(), later);
  return slot;
}

bool Scheduler::step(Duration latest) {
  if (heap_.empty() || heap_.front().moment > latest) return false;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Due due = heap_.back();
  heap_.pop_back();
  now_ = due.moment;
  ++sequence_done_;
  Action& action = slots_[due.slot];
  action();
  action.clear();
  // Only now: the actions that it asked for must not take its place while it runs.
  free_.push_back(due.slot);
  return true;
}

void Scheduler::run_until(Duration moment) {
  while (step(moment)) {
  }
  now_ = std::max(now_, moment);
}

}  // namespace fracas::sim
