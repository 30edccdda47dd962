#include "agent/line/frame.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "agent/bpf/net.abi.h"

namespace fracas::agent {
namespace {

constexpr std::size_t kEthernetBytes = 14;

template <typename T>
T load(std::span<const std::byte> bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

template <typename T>
void store(std::span<std::byte> bytes, const T& value) {
  std::memcpy(bytes.data(), &value, sizeof value);
}

// FNV-1a, then mixed so that low bits depend on all input.
std::uint64_t mix(std::uint64_t hash, std::span<const std::byte> bytes) {
  for (const std::byte byte : bytes) hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3ULL;
  return hash ^ (hash >> 29);
}

bool has_ports(std::uint8_t protocol) {
  return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

std::uint64_t ipv4_hash(std::uint64_t hash, std::span<const std::byte> packet) {
  if (packet.size() < 20) return hash;
  const auto protocol = load<std::uint8_t>(packet.subspan(9));
  hash = mix(mix(hash, packet.subspan(12, 8)), packet.subspan(9, 1));
  const std::size_t header_bytes = std::size_t{load<std::uint8_t>(packet)} % 16 * 4;
  // More-fragments flag or an offset: later fragments have no ports, so none of them may use them.
  const bool fragment = (ntohs(load<std::uint16_t>(packet.subspan(6))) & 0x3fff) != 0;
  if (fragment || !has_ports(protocol) || packet.size() < header_bytes + 4) return hash;
  return mix(hash, packet.subspan(header_bytes, 4));
}

std::uint64_t ipv6_hash(std::uint64_t hash, std::span<const std::byte> packet) {
  if (packet.size() < 40) return hash;
  const auto next_header = load<std::uint8_t>(packet.subspan(6));
  hash = mix(mix(hash, packet.subspan(8, 32)), packet.subspan(6, 1));
  if (!has_ports(next_header) || packet.size() < 44) return hash;
  return mix(hash, packet.subspan(40, 4));
}

}  // namespace

std::optional<Frame> parse_held_frame(std::span<const std::byte> read, std::vector<std::byte> room) {
  constexpr std::size_t kHeaderBytes = sizeof(VnetHeader) + sizeof(fracas_held);
  if (read.size() <= kHeaderBytes) return std::nullopt;
  auto vnet = load<VnetHeader>(read);
  const auto held = load<fracas_held>(read.subspan(sizeof vnet));
  const bool arriving = held.magic == FRACAS_HELD_ARRIVING;
  if (!arriving && held.magic != FRACAS_HELD_LEAVING) return std::nullopt;
  if (held.rule >= FRACAS_NET_RULES) return std::nullopt;
  // Both were counted from the front of our header.
  if ((vnet.flags & VnetHeader::kNeedsChecksum) != 0)
    vnet.checksum_start = static_cast<std::uint16_t>(vnet.checksum_start - sizeof held);
  if (vnet.header_bytes >= sizeof held) vnet.header_bytes = static_cast<std::uint16_t>(vnet.header_bytes - sizeof held);
  Frame frame{.arrived_ns = held.arrived_ns,
              .ifindex = held.ifindex,
              .protocol = held.protocol,
              .rule = held.rule,
              .arriving = arriving,
              .counts = true,
              .bytes = std::move(room)};
  frame.bytes.resize(read.size() - sizeof held);
  store(frame.bytes, vnet);
  std::copy(read.begin() + kHeaderBytes, read.end(), frame.bytes.begin() + sizeof vnet);
  return frame;
}

std::uint64_t flow_hash(std::span<const std::byte> frame) {
  constexpr std::uint64_t kStart = 0xcbf29ce484222325ULL;
  if (frame.size() < kEthernetBytes) return kStart;
  const std::uint16_t protocol = ntohs(load<std::uint16_t>(frame.subspan(12)));
  const auto packet = frame.subspan(kEthernetBytes);
  if (protocol == 0x0800) return ipv4_hash(kStart, packet);
  if (protocol == 0x86dd) return ipv6_hash(kStart + 1, packet);
  return kStart;
}

}  // namespace fracas::agent
