#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "agent/disk/disk_control.h"

// The decisions of the disk server. They touch the control memory alone, and are told the time.
namespace fracas::agent {

// One call on one file.
struct DiskCall {
  DiskOperation operation = DiskOperation::open;
  std::string path{};      // below the folder, without a leading "/"
  std::size_t bytes = 0;   // that there are to read, or written
  std::size_t growth = 0;  // by how much a write makes its file longer
};

struct DiskVerdict {
  int error = 0;              // errno it fails with; 0: it goes on
  std::int64_t delay_ns = 0;  // it waits so long first
  bool corrupt = false;       // what is read is to go through flip_bits
  std::uint64_t random = 0;
};

// Whether the file is in scope.
bool disk_rule_covers(const DiskControl& control, const std::string& path);
// Decides and counts. A call that is not in scope goes on.
DiskVerdict judge(DiskControl& control, const DiskCall& call, std::int64_t now_ns);
// Flips bits of what was read of `path` at `offset`: one that `random` chooses, or, where the rule says they are stuck,
// those of the rotten blocks. Returns how many.
std::size_t flip_bits(const DiskControl& control, const std::string& path, std::uint64_t offset, std::uint64_t random,
                      std::span<char> read);

}  // namespace fracas::agent
