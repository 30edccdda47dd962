#include "targets/raft/shell/wal.h"

#include <utility>

#include "targets/raft/shell/wal_format.h"

namespace fracas::raft {

Result<Wal::Opened> Wal::open(const std::filesystem::path& folder, bool fsync, bool checksums) {
  auto opened = node::LogFile::open(folder, fsync, wal_header());
  if (!opened) return failure(std::move(opened).error());
  auto contents = parse_wal(opened->contents, checksums);
  if (!contents) return failure(std::move(contents).error().context((folder / "wal").string()));
  if (contents->good_bytes != opened->contents.size())
    if (auto cut = opened->file.truncate(contents->good_bytes); !cut) return failure(std::move(cut).error());
  return Opened{Wal(std::move(opened->file)), std::move(contents->recovered)};
}

Status Wal::write(const std::vector<Record>& records) {
  std::string bytes;
  for (const Record& record : records) {
    if (!std::holds_alternative<Compaction>(record)) {
      bytes += wal_bytes(record);
      continue;
    }
    // A compaction holds everything that was written before it, so nothing pending needs the old file.
    bytes.clear();
    if (auto done = file_.replace(wal_header() + wal_bytes(record)); !done) return done;
  }
  return bytes.empty() ? Status{} : file_.append(bytes);
}

}  // namespace fracas::raft
