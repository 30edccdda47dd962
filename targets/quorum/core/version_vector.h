#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "targets/quorum/core/ids.h"

namespace fracas::quorum {

// How much of each member's events on a key is known: all up to that count. Small, so a sorted list.
// Source: Parker et al., "Detection of Mutual Inconsistency in Distributed Systems", 1983.
class VersionVector {
 public:
  std::uint64_t count(Member member) const;
  bool covers(const Dot& dot) const { return dot.count <= count(dot.member); }
  void raise(const Dot& dot);
  void join(const VersionVector& other);
  bool empty() const { return counts_.empty(); }
  const std::vector<std::pair<Member, std::uint64_t>>& counts() const { return counts_; }

  bool operator==(const VersionVector&) const = default;

 private:
  std::vector<std::pair<Member, std::uint64_t>> counts_;  // by member
};

void write(ByteWriter& out, const VersionVector& vector);
// Fails the reader where the bytes are none.
VersionVector read_version_vector(ByteReader& in);

}  // namespace fracas::quorum
