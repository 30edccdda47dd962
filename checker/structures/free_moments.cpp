#include "checker/structures/free_moments.h"

#include <algorithm>

#include "checker/history/history.h"

namespace fracas::checker {

std::uint32_t FreeMoments::append(std::int64_t at) {
  if (moments_.empty() || moments_.back().at != at)
    moments_.push_back({at, static_cast<std::uint32_t>(moments_.size())});
  return static_cast<std::uint32_t>(moments_.size() - 1);
}

void FreeMoments::close() {
  append(kNever);
}

void FreeMoments::free_all() {
  for (std::uint32_t i = 0; i < moments_.size(); ++i) moments_[i].next = i;
}

std::uint32_t FreeMoments::number_of(std::int64_t at) const {
  const auto place = std::lower_bound(moments_.begin(), moments_.end(), at,
                                      [](const Moment& moment, std::int64_t time) { return moment.at < time; });
  return static_cast<std::uint32_t>(place - moments_.begin());
}

std::uint32_t FreeMoments::first_free(std::uint32_t moment) {
  while (moments_[moment].next != moment) moment = moments_[moment].next = moments_[moments_[moment].next].next;
  return moment;
}

void FreeMoments::cover(std::uint32_t from, std::uint32_t to) {
  if (from >= to) return;
  for (std::uint32_t i = first_free(from + 1); i < to; i = first_free(i)) moments_[i].next = i + 1;
}

}  // namespace fracas::checker
