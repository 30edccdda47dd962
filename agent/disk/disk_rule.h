#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::agent {

// The calls that a rule can pick. Each covers its relatives: open also creat(2) and mkdir(2), write also truncate(2)
// and fallocate(2), fsync also fdatasync(2) and the fsync of a folder.
enum class DiskOperation : unsigned { open, read, write, fsync, rename };

// What a fault does to the files below one folder. Several effects may be asked for at once.
struct DiskRule {
  // fnmatch(3) pattern over the path below the folder, as in "wal*" or "*/index"; "*" also matches "/". A file is known
  // by the name it was opened by; a rename by its old name.
  std::string files = "*";
  std::vector<DiskOperation> operations{};  // for `error`, `delay` and the limits; empty: all of them
  double share = 1;                         // of the calls in scope, in (0, 1]
  std::uint64_t seed = 0;

  int error = 0;                              // errno such calls fail with; 0: none
  Duration delay{};                           // such calls take this much longer; at most 60 s
  bool corrupt = false;                       // one bit of what a read returns is flipped; the file stays as it is
  bool stuck = false;                         // … the same bits of a `share` of the blocks of 4 KiB, at every read
  std::uint64_t bytes_per_second = 0;         // of reads and writes together, 1000 or more; 0: no limit
  double calls_per_second = 0;                // of the picked calls together, at most 1e6; 0: no limit
  bool lose_unsynced = false;                 // what was not fsynced when the rule ends is lost
  bool torn = false;                          // … but for some sectors of each file's first lost write
  std::optional<std::uint64_t> free_bytes{};  // files grow by this much altogether, then ENOSPC

  bool operator==(const DiskRule&) const = default;
};

// ERRORS: EINVAL and one sentence.
Status check_disk_rule(const DiskRule& rule);

// Whether every read must reach the file system, past the page cache. Then MAP_SHARED mappings of its files fail.
bool needs_uncached_reads(const DiskRule& rule);

}  // namespace fracas::agent
