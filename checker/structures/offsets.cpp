#include "checker/structures/offsets.h"

#include <algorithm>

namespace fracas::checker {
namespace {

constexpr std::size_t kNearMin = 1024;
constexpr std::size_t kSparsest = 4;  // places in the array for each offset in it

}  // namespace

std::uint32_t Offsets::find(std::int64_t offset) const {
  const auto place = static_cast<std::uint64_t>(offset);
  if (place < near_.size() && near_[place] != 0) return near_[place] - 1;
  if (far_.empty()) return kNone;
  const auto found = far_.find(offset);
  return found == far_.end() ? kNone : found->second;
}

std::uint32_t Offsets::of(std::int64_t offset) {
  if (const std::uint32_t known = find(offset); known != kNone) return known;
  const auto place = static_cast<std::uint64_t>(offset);
  if (place >= kSparsest * (count_ + kNearMin)) {
    far_.emplace(offset, count_);
    return count_++;
  }
  if (place >= near_.size()) near_.resize(std::max<std::size_t>(place + 1, 2 * near_.size()), 0);
  near_[place] = count_ + 1;
  return count_++;
}

std::vector<Offsets::Place> Offsets::ascending() const {
  std::vector<Place> places;
  places.reserve(count_);
  for (const auto& [offset, number] : far_) places.push_back({offset, number});
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.offset < b.offset; });
  const auto far = static_cast<std::ptrdiff_t>(places.size());
  for (std::size_t i = 0; i < near_.size(); ++i)
    if (near_[i] != 0) places.push_back({static_cast<std::int64_t>(i), near_[i] - 1});
  std::inplace_merge(places.begin(), places.begin() + far, places.end(),
                     [](const Place& a, const Place& b) { return a.offset < b.offset; });
  return places;
}

}  // namespace fracas::checker
