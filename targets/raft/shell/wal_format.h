#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "targets/raft/core/output.h"
#include "targets/raft/core/raft.h"

// The bytes of a write-ahead log: a magic number, then records. A record is length (32 bits, of what follows the
// checksum), CRC-32C of it (32 bits), kind (8 bits), body; numbers are little-endian.
namespace fracas::raft {

// What every file begins with.
std::string wal_header();

// The record's bytes. A Compaction becomes several: snapshot, hard state, entries; it is only valid in a new file.
std::string wal_bytes(const Record& record);

struct WalContents {
  Recovered recovered;
  std::size_t good_bytes = 0;  // what follows is the torn tail of a write that a crash cut off
};

// Reads a whole file. ERRORS: a wrong header; a damaged record with whole records after it (that is no torn write, and
// cutting there would forget what was promised); entries with a gap.
// Without `checksums`, which only the bug checksum-ignored leaves out, a damaged record counts as a good one, and what
// is missing at the end of the last one as zeros; good_bytes may then exceed the file.
Result<WalContents> parse_wal(std::string_view bytes, bool checksums = true);

}  // namespace fracas::raft
