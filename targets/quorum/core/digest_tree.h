#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "targets/quorum/core/ids.h"

namespace fracas::quorum {

// A Merkle tree over the keys that two members are both homes of: 256 ranges of hashes, 16 groups of 16, one root. Two
// members find the ranges in which they differ by comparing few digests. Kept up to date in constant time, as a range's
// digest is the sum of those of its cells. Source: DeCandia et al. 2007, section 4.7.
class DigestTree {
 public:
  static constexpr std::uint8_t kLeafLevel = 2;
  using Ranges = std::vector<std::pair<std::uint16_t, std::uint64_t>>;

  // The leaf that holds a key.
  static std::uint16_t leaf_of(std::string_view key);

  // A cell with that digest came to the key, or went.
  void add(std::string_view key, std::uint64_t digest) { leaves_[leaf_of(key)] += mark(key, digest); }
  void remove(std::string_view key, std::uint64_t digest) { leaves_[leaf_of(key)] -= mark(key, digest); }

  std::uint64_t digest(std::uint8_t level, std::uint16_t place) const;
  // The root; the parts of a range on `level`, which are on the next one.
  Ranges root() const { return {{std::uint16_t{0}, digest(0, 0)}}; }
  Ranges parts(std::uint8_t level, std::uint16_t place) const;

 private:
  static std::uint64_t mark(std::string_view key, std::uint64_t digest) {
    return node::combine(node::hash_bytes(key), digest);
  }
  std::array<std::uint64_t, 256> leaves_{};
};

}  // namespace fracas::quorum
