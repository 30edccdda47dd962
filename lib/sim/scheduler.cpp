#include "lib/sim/scheduler.h"

#include <algorithm>

namespace fracas::sim {
namespace {

constexpr std::size_t kBranches = 4;

}  // namespace

void Scheduler::push(const Due& due) {
  std::size_t hole = heap_.size();
  heap_.push_back(due);
  while (hole > 0) {
    const std::size_t above = (hole - 1) / kBranches;
    if (!sooner(due, heap_[above])) break;
    heap_[hole] = heap_[above];
    hole = above;
  }
  heap_[hole] = due;
}

void Scheduler::pop() {
  const Due last = heap_.back();
  heap_.pop_back();
  const std::size_t size = heap_.size();
  std::size_t hole = 0;
  for (std::size_t below = 1; below < size; below = hole * kBranches + 1) {
    std::size_t next = below;
    for (std::size_t i = below + 1; i < std::min(below + kBranches, size); ++i)
      if (sooner(heap_[i], heap_[next])) next = i;
    if (!sooner(heap_[next], last)) break;
    heap_[hole] = heap_[next];
    hole = next;
  }
  if (size > 0) heap_[hole] = last;
}

std::uint32_t Scheduler::take_slot(Duration moment) {
  auto slot = static_cast<std::uint32_t>(slots_.size());
  if (free_.empty()) {
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  push({std::max(moment, now_), sequence_++, slot});
  return slot;
}

bool Scheduler::step(Duration latest) {
  if (heap_.empty() || heap_.front().moment > latest) return false;
  const Due due = heap_.front();
  pop();
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
