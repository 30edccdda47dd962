#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fracas::agent {

// Offload state of a frame, in front of it in every read from a TAP and write to a packet socket, both opened with it.
// Native byte order. Source: virtio 1.1, 5.1.6; linux/virtio_net.h is not valid C++ in older releases.
struct VnetHeader {
  std::uint8_t flags = 0;
  std::uint8_t gso_type = 0;
  std::uint16_t header_bytes = 0;
  std::uint16_t segment_bytes = 0;
  std::uint16_t checksum_start = 0;  // from the start of the frame; where flags has kNeedsChecksum
  std::uint16_t checksum_offset = 0;

  static constexpr std::uint8_t kNeedsChecksum = 1;
};
static_assert(sizeof(VnetHeader) == 10);

// A frame on its way through the delay line.
struct Frame {
  std::int64_t arrived_ns = 0;
  std::uint32_t ifindex = 0;   // the interface it leaves by, or came by
  std::uint16_t protocol = 0;  // EtherType in network byte order
  std::uint8_t rule = 0;
  bool arriving = false;         // on its way in
  bool counts = true;            // as one that was affected, once it is sent
  std::vector<std::byte> bytes;  // VnetHeader, then the frame as the classifier took it

  std::size_t wire_bytes() const { return bytes.size() - sizeof(VnetHeader); }
};

// Takes apart what was read from the TAP: VnetHeader, fracas_held, frame. Nothing if the classifier did not send it.
// The frame's bytes are put into `room`, so that the memory of frames that are gone is used again.
std::optional<Frame> parse_held_frame(std::span<const std::byte> read, std::vector<std::byte> room = {});

// The same for all packets of one flow: addresses, protocol and, for unfragmented TCP and UDP, ports. `frame` begins
// with an Ethernet header; other frames are one flow.
std::uint64_t flow_hash(std::span<const std::byte> frame);

}  // namespace fracas::agent
