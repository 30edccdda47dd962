#include "targets/quorum/core/ring.h"

#include <algorithm>

namespace fracas::quorum {

Ring::Ring(const std::vector<std::string>& members, std::uint32_t virtual_nodes) : members_(members.size()) {
  for (std::size_t i = 0; i < members.size(); ++i)
    for (std::uint32_t place = 0; place < virtual_nodes; ++place)
      places_.emplace_back(node::hash_bytes(members[i] + "#" + std::to_string(place)), static_cast<Member>(i));
  std::sort(places_.begin(), places_.end());
}

std::vector<Member> Ring::homes(std::string_view key, std::uint32_t replicas) const {
  const std::size_t wanted = std::min<std::size_t>(replicas, members_);
  std::vector<Member> found;
  std::vector<bool> taken(members_);
  const std::pair<std::uint64_t, Member> begin{node::hash_bytes(key), 0};
  auto place = std::lower_bound(places_.begin(), places_.end(), begin);
  for (std::size_t i = 0; i < places_.size() && found.size() < wanted; ++i, ++place) {
    if (place == places_.end()) place = places_.begin();
    if (taken[place->second]) continue;
    taken[place->second] = true;
    found.push_back(place->second);
  }
  return found;
}

std::vector<Member> Ring::order(std::string_view key) const {
  return homes(key, static_cast<std::uint32_t>(members_));
}

}  // namespace fracas::quorum
