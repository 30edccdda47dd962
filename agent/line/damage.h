#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "lib/base/random.h"

namespace fracas::agent {

// Breaks frames as a bad wire does: one bit behind the IP header is another one, so the transport's checksum no longer
// fits and the receiver drops the packet. Same seed and frames, same bits.
class Damage {
 public:
  explicit Damage(std::uint64_t seed) : random_(seed, "net.corrupt bit") {}

  // `frame` begins with Ethernet and has its checksums. Of several frames that arrived in the same nanosecond, which
  // the kernel cut from one large segment, the first one is broken. False: left as it was.
  bool apply(std::span<std::byte> frame, std::int64_t arrived_ns);

 private:
  RandomStream random_;
  std::optional<std::int64_t> last_arrived_ns_;
};

}  // namespace fracas::agent
