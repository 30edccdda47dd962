#include "targets/node/data/sealed_records.h"

#include <optional>

#include "targets/node/data/bytes.h"
#include "targets/node/data/hash.h"

namespace fracas::node {
namespace {

constexpr std::size_t kHeaderBytes = 8;

// The body of the record at the front of `bytes`, where it is whole and undamaged.
std::optional<std::string_view> whole_record(std::string_view bytes) {
  ByteReader in(bytes);
  const std::size_t size = in.u32();
  const std::uint32_t checksum = in.u32();
  if (!in.ok() || size == 0 || size > in.left()) return std::nullopt;
  const std::string_view body = bytes.substr(kHeaderBytes, size);
  if (crc32c(body) != checksum) return std::nullopt;
  return body;
}

bool holds_record(std::string_view bytes) {
  for (std::size_t i = 0; i + kHeaderBytes < bytes.size(); ++i)
    if (whole_record(bytes.substr(i))) return true;
  return false;
}

}  // namespace

std::string seal(std::string_view body) {
  ByteWriter header;
  header.u32(static_cast<std::uint32_t>(body.size()));
  header.u32(crc32c(body));
  std::string record = header.take();
  record += body;
  return record;
}

Result<std::size_t> read_sealed(std::string_view bytes, const std::function<Status(std::string_view body)>& take) {
  std::size_t offset = 0;
  while (offset < bytes.size()) {
    const auto body = whole_record(bytes.substr(offset));
    if (!body) {
      if (holds_record(bytes.substr(offset + 1)))
        return failure("damaged record at byte " + std::to_string(offset) + ", before whole ones");
      break;
    }
    if (auto taken = take(*body); !taken)
      return failure(std::move(taken).error().context("record at byte " + std::to_string(offset)));
    offset += kHeaderBytes + body->size();
  }
  return offset;
}

}  // namespace fracas::node
