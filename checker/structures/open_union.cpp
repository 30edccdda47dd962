#include "checker/structures/open_union.h"

#include <algorithm>

#include "checker/linearizability/nearly_sorted.h"

namespace fracas::checker {

OpenUnion::OpenUnion(LargeVector<OpenInterval> intervals) {
  std::erase_if(intervals, [](const OpenInterval& interval) { return interval.from >= interval.to; });
  sort_nearly_sorted(intervals, [](const auto& a, const auto& b) { return a.from < b.from; });
  for (const OpenInterval& interval : intervals) {
    if (parts_.empty() || interval.from >= parts_.back().to)
      parts_.push_back(interval);
    else
      parts_.back().to = std::max(parts_.back().to, interval.to);
  }
}

const OpenInterval* OpenUnion::around(std::int64_t at) const {
  auto next =
      std::lower_bound(parts_.begin(), parts_.end(), at, [](const auto& part, auto t) { return part.from < t; });
  if (next == parts_.begin()) return nullptr;
  --next;
  return at < next->to ? &*next : nullptr;
}

std::int64_t OpenUnion::first_free(std::int64_t at) const {
  const OpenInterval* part = around(at);
  return part == nullptr ? at : part->to;
}

std::int64_t OpenUnion::last_free(std::int64_t at) const {
  const OpenInterval* part = around(at);
  return part == nullptr ? at : part->from;
}

}  // namespace fracas::checker
