#include "targets/node/wire/frame.h"

#include "targets/node/data/bytes.h"
#include "targets/node/data/hash.h"

namespace fracas::node {

std::string make_frame(std::string_view payload) {
  ByteWriter header;
  header.u32(static_cast<std::uint32_t>(payload.size()));
  header.u32(crc32c(payload));
  std::string frame = header.take();
  frame += payload;
  return frame;
}

Result<std::optional<std::string>> FrameReader::next() {
  const std::string_view unread = std::string_view(buffer_).substr(begin_);
  if (unread.size() < kFrameHeaderBytes) {
    buffer_.erase(0, begin_);
    begin_ = 0;
    return std::nullopt;
  }
  ByteReader header(unread);
  const std::size_t size = header.u32();
  const std::uint32_t checksum = header.u32();
  if (size == 0 || size > payload_max_) return failure("frame: impossible length " + std::to_string(size));
  if (unread.size() < kFrameHeaderBytes + size) {
    if (begin_ > 0) buffer_.erase(0, begin_);
    begin_ = 0;
    return std::nullopt;
  }
  std::string payload(unread.substr(kFrameHeaderBytes, size));
  if (crc32c(payload) != checksum) return failure("frame: wrong checksum");
  begin_ += kFrameHeaderBytes + size;
  return payload;
}

}  // namespace fracas::node
