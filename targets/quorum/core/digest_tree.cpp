#include "targets/quorum/core/digest_tree.h"

namespace fracas::quorum {
namespace {

constexpr std::uint16_t kParts = 16;

}  // namespace

std::uint16_t DigestTree::leaf_of(std::string_view key) {
  return static_cast<std::uint16_t>(node::mix(node::hash_bytes(key)) >> 56U);
}

std::uint64_t DigestTree::digest(std::uint8_t level, std::uint16_t place) const {
  const std::size_t leaves = level == 0 ? 256 : level == 1 ? kParts : 1;
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < leaves; ++i) hash = node::combine(hash, leaves_[(place * leaves + i) % leaves_.size()]);
  return hash;
}

DigestTree::Ranges DigestTree::parts(std::uint8_t level, std::uint16_t place) const {
  Ranges ranges;
  const auto next = static_cast<std::uint8_t>(level + 1);
  for (std::uint16_t i = 0; i < kParts; ++i) {
    const auto part = static_cast<std::uint16_t>(place * kParts + i);
    ranges.emplace_back(part, digest(next, part));
  }
  return ranges;
}

}  // namespace fracas::quorum
