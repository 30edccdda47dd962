#include "agent/line/damage.h"

namespace fracas::agent {
namespace {

constexpr std::size_t kEthernetBytes = 14;

// Where the IP header of a frame ends; nothing if the frame has no byte behind it.
std::optional<std::size_t> behind_ip(std::span<const std::byte> frame) {
  if (frame.size() <= kEthernetBytes) return std::nullopt;
  const auto first = std::to_integer<std::size_t>(frame[kEthernetBytes]);
  const std::size_t end = kEthernetBytes + (first >> 4 == 4 ? (first & 0xf) * 4 : 40);
  if (end >= frame.size()) return std::nullopt;
  return end;
}

}  // namespace

bool Damage::apply(std::span<std::byte> frame, std::int64_t arrived_ns) {
  if (last_arrived_ns_ == arrived_ns) return false;
  last_arrived_ns_ = arrived_ns;
  const auto start = behind_ip(frame);
  if (!start) return false;
  const std::uint64_t bit = random_.below((frame.size() - *start) * 8);
  frame[*start + bit / 8] ^= std::byte{1} << (bit % 8);
  return true;
}

}  // namespace fracas::agent
