#include "checker/explain/time_axis.h"

#include <algorithm>
#include <cmath>

namespace fracas::checker {
namespace {

constexpr double kStep = 26;  // between neighbouring moments, at least

}  // namespace

TimeAxis::TimeAxis(std::vector<std::int64_t> moments, double left) : moments_(std::move(moments)), left_(left) {
  std::sort(moments_.begin(), moments_.end());
  moments_.erase(std::unique(moments_.begin(), moments_.end()), moments_.end());
}

std::size_t TimeAxis::index(std::int64_t at) const {
  const auto found = std::lower_bound(moments_.begin(), moments_.end(), at);
  return std::min(static_cast<std::size_t>(found - moments_.begin()), moments_.size() - 1);
}

void TimeAxis::demand(std::int64_t from, std::int64_t to, double room) {
  demands_.push_back({index(from), index(to), room});
}

void TimeAxis::settle(double end) {
  std::sort(demands_.begin(), demands_.end(), [](const Demand& a, const Demand& b) { return a.to < b.to; });
  places_.assign(moments_.size(), left_);
  std::size_t next = 0;
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    if (i > 0) {
      const double apart = static_cast<double>(moments_[i]) - static_cast<double>(moments_[i - 1]);
      places_[i] = places_[i - 1] + kStep + 6 * std::log10(1 + apart / 1e5);
    }
    for (; next < demands_.size() && demands_[next].to == i; ++next)
      if (demands_[next].from < i)
        places_[i] = std::max(places_[i], places_[demands_[next].from] + demands_[next].room);
  }
  const double length = places_.back() - left_;
  if (length <= 0 || places_.back() >= end) return;
  for (double& place : places_) place = left_ + (place - left_) * (end - left_) / length;
}

}  // namespace fracas::checker
