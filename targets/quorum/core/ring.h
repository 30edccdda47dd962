#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "targets/quorum/core/ids.h"

namespace fracas::quorum {

// Consistent hashing: each member has several places on a ring of 64-bit numbers, and a key belongs to the members met
// first from its own place on. Members that join or leave move few keys. Source: Karger et al., STOC 1997; virtual
// nodes: DeCandia et al. 2007, section 4.2.
class Ring {
 public:
  // REQUIRES: at least one member, virtual_nodes > 0.
  Ring(const std::vector<std::string>& members, std::uint32_t virtual_nodes);

  // All members, each once, in the order in which the key prefers them; the first N are its homes.
  std::vector<Member> order(std::string_view key) const;
  std::vector<Member> homes(std::string_view key, std::uint32_t replicas) const;

 private:
  std::size_t members_;
  std::vector<std::pair<std::uint64_t, Member>> places_;  // by place
};

}  // namespace fracas::quorum
