#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "agent/disk/disk_control.h"

// The decisions of the disk server. They touch the control memory alone, and are told the time.
namespace fracas::agent {

// One call on one file.
struct DiskCall {
  DiskOperation operation = DiskOperation::open;
  std::string path{};      // below the folder, without a leading "/"
  std::size_t bytes = 0;   // read or written
  std::size_t growth = 0;  // by how much a write makes its file longer
};

struct DiskVerdict {
  int error = 0;              // errno it fails with; 0: it goes on
  std::int64_t delay_ns = 0;  // it waits so long first
  bool corrupt = false;       // the bit `random` modulo their number is flipped in what is read
  std::uint64_t random = 0;
};

// Whether the rule acts at all now.
bool disk_rule_acts(const DiskControl& control, std::int64_t now_ns);
// Whether the file is in scope.
bool disk_rule_covers(const DiskControl& control, const std::string& path);
// Decides and counts. A call that is not in scope goes on.
DiskVerdict judge(DiskControl& control, const DiskCall& call, std::int64_t now_ns);
// Counts calls that were affected although `judge` did not say so.
void count_affected(DiskControl& control, std::uint64_t calls, std::uint64_t bytes, std::int64_t now_ns);

}  // namespace fracas::agent
