#pragma once
#include <cstddef>
#include <optional>

#include "lib/base/quantity.h"

namespace fracas::node {

// What a fault does to a member's calls on its disk.
class DiskFault {
 public:
  DiskFault() = default;
  DiskFault(const DiskFault&) = delete;
  DiskFault& operator=(const DiskFault&) = delete;
  virtual ~DiskFault() = default;

  // Before the call is made: the time it takes longer, or nothing: it fails.
  virtual std::optional<Duration> write(std::size_t) { return Duration{}; }
  virtual std::optional<Duration> sync() { return Duration{}; }
  // After a sync, before the member learns of it; may kill or pause the member.
  virtual void synced() {}
};

}  // namespace fracas::node
