#include "targets/quorum/core/version_vector.h"

#include <algorithm>

namespace fracas::quorum {

std::uint64_t VersionVector::count(Member member) const {
  const auto found = std::lower_bound(counts_.begin(), counts_.end(), std::pair<Member, std::uint64_t>{member, 0});
  return found != counts_.end() && found->first == member ? found->second : 0;
}

void VersionVector::raise(const Dot& dot) {
  const auto found = std::lower_bound(counts_.begin(), counts_.end(), std::pair<Member, std::uint64_t>{dot.member, 0});
  if (found != counts_.end() && found->first == dot.member) {
    found->second = std::max(found->second, dot.count);
  } else {
    counts_.insert(found, {dot.member, dot.count});
  }
}

void VersionVector::join(const VersionVector& other) {
  for (const auto& [member, count] : other.counts_) raise({member, count});
}

void write(ByteWriter& out, const VersionVector& vector) {
  out.u32(static_cast<std::uint32_t>(vector.counts().size()));
  for (const auto& [member, count] : vector.counts()) {
    out.u32(member);
    out.u64(count);
  }
}

VersionVector read_version_vector(ByteReader& in) {
  VersionVector vector;
  for (std::uint32_t left = in.count(12); left > 0; --left) {
    const Member member = in.u32();
    vector.raise({member, in.u64()});
  }
  return vector;
}

}  // namespace fracas::quorum
