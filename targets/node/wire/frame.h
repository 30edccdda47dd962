#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace fracas::node {

// Every byte on a connection belongs to a frame: length (32 bits, of the payload), CRC-32C of the payload (32 bits),
// payload; numbers are little-endian. The payload's first byte is the kind of message, see codec.h.
constexpr std::size_t kFrameHeaderBytes = 8;
// The largest payload between members, where a snapshot travels whole, and the largest that a client may send.
constexpr std::size_t kPeerFrameMax = 64U << 20U;
constexpr std::size_t kClientFrameMax = 4096;
// The largest answer to a client: a list at its bound.
constexpr std::size_t kAnswerFrameMax = 1U << 20U;

std::string make_frame(std::string_view payload);

// Cuts a stream of bytes into frames.
class FrameReader {
 public:
  explicit FrameReader(std::size_t payload_max) : payload_max_(payload_max) {}

  void set_payload_max(std::size_t bytes) { payload_max_ = bytes; }
  void feed(std::string_view bytes) { buffer_ += bytes; }
  // The next whole payload, or nothing yet. ERRORS: an empty or too long frame, a wrong checksum; the stream is then
  // lost and its connection must be closed.
  Result<std::optional<std::string>> next();

 private:
  std::size_t payload_max_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is unread in buffer_
};

}  // namespace fracas::node
