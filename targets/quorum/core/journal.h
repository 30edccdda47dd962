#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "targets/quorum/core/hints.h"
#include "targets/quorum/core/output.h"

// The bytes of a member's only file: a magic number, then sealed records (node/data/sealed_records.h).
namespace fracas::quorum {

// What every file begins with.
std::string journal_header();

// The record's bytes. Those of a Rewrite are only valid in a new file, after its header.
std::string journal_bytes(const Record& record);

// What the disk gave back at start.
struct Recovered {
  std::uint64_t life = 0;  // of the last process
  std::map<std::string, Cell> cells{};
  Hints hints{};
};

struct JournalContents {
  Recovered recovered;
  std::size_t good_bytes = 0;  // what follows is the torn tail of a write that a crash cut off
};

// Reads a whole file. ERRORS: a wrong header; a damaged record with whole records after it.
Result<JournalContents> parse_journal(std::string_view bytes);

}  // namespace fracas::quorum
