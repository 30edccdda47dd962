#include "checker/structures/free_moments.h"

#include <algorithm>
#include <numeric>

#include "checker/history/history.h"

namespace fracas::checker {

FreeMoments::FreeMoments(std::vector<std::int64_t> moments) : moments_(std::move(moments)) {
  moments_.push_back(kNever);
  std::sort(moments_.begin(), moments_.end());
  moments_.erase(std::unique(moments_.begin(), moments_.end()), moments_.end());
  next_.resize(moments_.size());
  std::iota(next_.begin(), next_.end(), std::size_t{0});
}

std::size_t FreeMoments::find(std::size_t index) {
  while (next_[index] != index) index = next_[index] = next_[next_[index]];
  return index;
}

std::int64_t FreeMoments::first_free(std::int64_t at) {
  const auto place = std::lower_bound(moments_.begin(), moments_.end(), at);
  return moments_[find(static_cast<std::size_t>(place - moments_.begin()))];
}

void FreeMoments::cover(std::int64_t from, std::int64_t to) {
  if (from >= to) return;
  const auto place = std::upper_bound(moments_.begin(), moments_.end(), from);
  for (std::size_t i = find(static_cast<std::size_t>(place - moments_.begin())); moments_[i] < to; i = find(i))
    next_[i] = i + 1;
}

}  // namespace fracas::checker
