#include "targets/quorum/core/journal.h"

#include "targets/node/data/sealed_records.h"

namespace fracas::quorum {
namespace {

constexpr std::string_view kMagic = "FRACASQ1";
enum class Kind : std::uint8_t { life = 1, cell = 2, hint = 3 };

void put(ByteWriter& out, const std::optional<Cell>& cell) {
  out.u8(cell ? 1 : 0);
  if (cell) write(out, *cell);
}

std::optional<Cell> get_cell(ByteReader& in) {
  if (in.u8() == 0) return std::nullopt;
  return read_cell(in);
}

std::string bytes_of(const LifeRecord& record) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(Kind::life));
  out.u64(record.life);
  return node::seal(out.bytes());
}
std::string bytes_of(const CellRecord& record) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(Kind::cell));
  out.text(record.key);
  put(out, record.cell);
  return node::seal(out.bytes());
}
std::string bytes_of(const HintRecord& record) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(Kind::hint));
  out.u32(record.home);
  out.text(record.key);
  put(out, record.cell);
  return node::seal(out.bytes());
}
std::string bytes_of(const Rewrite& rewrite) {
  std::string bytes;
  for (const SmallRecord& record : rewrite.records)
    bytes += std::visit([](const auto& one) { return bytes_of(one); }, record);
  return bytes;
}

Status take(Recovered& recovered, std::string_view body) {
  ByteReader in(body);
  switch (static_cast<Kind>(in.u8())) {
    case Kind::life:
      recovered.life = in.u64();
      break;
    case Kind::cell: {
      std::string key(in.text());
      auto cell = get_cell(in);
      if (!cell) {
        recovered.cells.erase(key);
      } else {
        recovered.cells.insert_or_assign(std::move(key), std::move(*cell));
      }
      break;
    }
    case Kind::hint: {
      const Member home = in.u32();
      const std::string key(in.text());
      recovered.hints.restore(home, key, get_cell(in));
      break;
    }
  }
  return in.done() ? Status{} : failure("malformed record");
}

}  // namespace

std::string journal_header() {
  return std::string(kMagic);
}

std::string journal_bytes(const Record& record) {
  return std::visit([](const auto& one) { return bytes_of(one); }, record);
}

Result<JournalContents> parse_journal(std::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) != kMagic) return failure("not a journal of this program");
  JournalContents contents;
  const auto read = node::read_sealed(bytes.substr(kMagic.size()),
                                      [&](std::string_view body) { return take(contents.recovered, body); });
  if (!read) return failure(read.error());
  contents.good_bytes = kMagic.size() + *read;
  return contents;
}

}  // namespace fracas::quorum
