#include "targets/raft/shell/wal_format.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "targets/node/data/bytes.h"
#include "targets/node/data/hash.h"

namespace fracas::raft {
namespace {

constexpr std::string_view kMagic = "FRACASW1";
constexpr std::size_t kRecordHeaderBytes = 8;
enum class Kind : std::uint8_t { snapshot = 1, hard_state = 2, entry = 3 };

// Puts length and checksum into the header that begin() made room for.
std::string seal(ByteWriter record) {
  const std::string_view body = std::string_view(record.bytes()).substr(kRecordHeaderBytes);
  record.put_u32(0, static_cast<std::uint32_t>(body.size()));
  record.put_u32(4, crc32c(body));
  return record.take();
}

// `bytes`: how long the rest of the body will be, roughly.
ByteWriter begin(Kind kind, std::size_t bytes) {
  ByteWriter out;
  out.reserve(kRecordHeaderBytes + 1 + bytes);
  out.u64(0);
  out.u8(static_cast<std::uint8_t>(kind));
  return out;
}

std::string bytes_of(const HardState& hard) {
  ByteWriter out = begin(Kind::hard_state, 12 + hard.vote.value().size());
  out.u64(hard.term.value());
  out.text(hard.vote.value());
  return seal(std::move(out));
}

std::string bytes_of(const Entry& entry) {
  ByteWriter out = begin(Kind::entry, 20 + entry.payload.size());
  out.u64(entry.index);
  out.u64(entry.term.value());
  out.text(entry.payload);
  return seal(std::move(out));
}

std::string bytes_of(const Compaction& compaction) {
  ByteWriter out = begin(Kind::snapshot, 28 + compaction.snapshot.state.size());
  out.u64(compaction.snapshot.index);
  out.u64(compaction.snapshot.term.value());
  out.u64(compaction.snapshot.log_hash);
  out.text(compaction.snapshot.state);
  std::string bytes = seal(std::move(out)) + bytes_of(compaction.hard);
  for (const Entry& entry : compaction.entries) bytes += bytes_of(entry);
  return bytes;
}

// The body of the record at the front of `bytes`, where it is whole and undamaged.
std::optional<std::string_view> whole_record(std::string_view bytes) {
  ByteReader in(bytes);
  const std::size_t size = in.u32();
  const std::uint32_t checksum = in.u32();
  if (!in.ok() || size == 0 || size > in.left()) return std::nullopt;
  const std::string_view body = bytes.substr(kRecordHeaderBytes, size);
  const auto kind = static_cast<std::uint8_t>(body[0]);
  if (kind < 1 || kind > 3 || crc32c(body) != checksum) return std::nullopt;
  return body;
}

// The same where nobody looks at checksums: missing bytes read as zeros, as in a file whose blocks were allocated
// before.
std::optional<std::string_view> trusted_record(std::string_view bytes, std::string& padded) {
  constexpr std::size_t kRecordMax = std::size_t{64} << 20U;
  ByteReader in(bytes);
  const std::size_t size = in.u32();
  static_cast<void>(in.u32());
  if (!in.ok() || size == 0 || size > kRecordMax) return std::nullopt;
  padded = bytes.substr(kRecordHeaderBytes, size);
  padded.resize(size, '\0');
  const auto kind = static_cast<std::uint8_t>(padded[0]);
  if (kind < 1 || kind > 3) return std::nullopt;
  return padded;
}

bool holds_record(std::string_view bytes) {
  for (std::size_t i = 0; i + kRecordHeaderBytes < bytes.size(); ++i)
    if (whole_record(bytes.substr(i))) return true;
  return false;
}

Status take_entry(Recovered& recovered, Entry entry) {
  const Index base = recovered.snapshot ? recovered.snapshot->index : 0;
  const Index next = base + recovered.entries.size() + 1;
  if (entry.index <= base || entry.index > next)
    return failure(fmt::format("entry {} where {} is due", entry.index, next));
  recovered.entries.resize(entry.index - base - 1);  // a later entry replaces what was from its position on
  recovered.entries.push_back(std::move(entry));
  return {};
}

Status take_record(Recovered& recovered, std::string_view body) {
  ByteReader in(body);
  switch (static_cast<Kind>(in.u8())) {
    case Kind::snapshot: {
      Snapshot snapshot;
      snapshot.index = in.u64();
      snapshot.term = Term(in.u64());
      snapshot.log_hash = in.u64();
      snapshot.state = in.text();
      recovered.entries.clear();
      recovered.snapshot = std::move(snapshot);
      break;
    }
    case Kind::hard_state:
      recovered.hard.term = Term(in.u64());
      recovered.hard.vote = NodeId(std::string(in.text()));
      break;
    case Kind::entry: {
      Entry entry;
      entry.index = in.u64();
      entry.term = Term(in.u64());
      entry.payload = in.text();
      if (in.done()) return take_entry(recovered, std::move(entry));
      break;
    }
  }
  if (!in.done()) return failure("malformed record");
  return {};
}

}  // namespace

std::string wal_header() {
  return std::string(kMagic);
}

std::string wal_bytes(const Record& record) {
  return std::visit([](const auto& one) { return bytes_of(one); }, record);
}

Result<WalContents> parse_wal(std::string_view bytes, bool checksums) {
  if (bytes.substr(0, kMagic.size()) != kMagic) return failure("not a write-ahead log of this program");
  WalContents contents;
  std::size_t offset = kMagic.size();
  std::string padded;
  while (offset < bytes.size()) {
    const std::string_view rest = bytes.substr(offset);
    const auto body = checksums ? whole_record(rest) : trusted_record(rest, padded);
    if (!body) {
      if (checksums && holds_record(bytes.substr(offset + 1)))
        return failure(fmt::format("damaged record at byte {}, before whole ones", offset));
      break;
    }
    if (auto taken = take_record(contents.recovered, *body); !taken)
      return failure(std::move(taken).error().context(fmt::format("record at byte {}", offset)));
    offset += kRecordHeaderBytes + body->size();
  }
  contents.good_bytes = offset;
  return contents;
}

}  // namespace fracas::raft
