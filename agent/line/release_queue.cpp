#include "agent/line/release_queue.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace fracas::agent {

bool ReleaseQueue::later(const Entry& a, const Entry& b) {
  return std::tie(a.due_ns, a.sequence) > std::tie(b.due_ns, b.sequence);
}

void ReleaseQueue::push(std::int64_t due_ns, Frame frame) {
  std::size_t place = frames_.size();
  if (free_.empty()) {
    frames_.push_back(std::move(frame));
  } else {
    place = free_.back();
    free_.pop_back();
    frames_[place] = std::move(frame);
  }
  heap_.push_back({due_ns, pushed_++, place});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

std::optional<std::int64_t> ReleaseQueue::next_due_ns() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().due_ns;
}

std::optional<Frame> ReleaseQueue::pop(std::int64_t now_ns) {
  if (heap_.empty() || heap_.front().due_ns > now_ns) return std::nullopt;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const std::size_t place = heap_.back().place;
  heap_.pop_back();
  free_.push_back(place);
  std::optional<Frame> frame(std::move(frames_[place]));
  return frame;
}

}  // namespace fracas::agent
