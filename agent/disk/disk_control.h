#pragma once
#include <cstddef>
#include <cstdint>

#include "agent/control/fault_control.h"
#include "agent/disk/disk_rule.h"
#include "lib/base/result.h"
#include "lib/os/shared_memory.h"

namespace fracas::agent {

inline constexpr std::size_t kDiskPatternBytes = 256;

// What agent and file system share. The rule is written before the server starts and never again; everything else is
// loaded and stored as one word, from any thread of either process. What counts as matched are calls in scope, of
// lose_unsynced the writes; as affected those that failed, were delayed, slowed or corrupted. Of lose_unsynced it is the
// power cut itself, if there were writes, and the bytes that it lost.
struct DiskControl {
  FaultControl fault;
  char files[kDiskPatternBytes];  // ends with a zero byte
  std::int64_t delay_ns;
  std::int32_t error;
  std::uint32_t operations;  // one bit for each DiskOperation
  std::uint8_t corrupt;
  std::uint8_t lose_unsynced;
  std::uint8_t torn;
  std::uint8_t fill;
  std::uint8_t uncached_reads;
  std::uint8_t stuck;
  std::uint8_t unused[2];
  std::uint64_t bytes_per_second;  // 0: no limit
  std::int64_t call_ns;            // the time one call takes; 0: no limit

  std::int64_t free_bytes;     // what is left of it, if `fill`
  std::int64_t bytes_done_ns;  // when the disk will be done with the bytes, and with the calls, it was given so far
  std::int64_t calls_done_ns;
};

// The memory that holds one DiskControl. Thread: any.
class DiskControlMemory {
 public:
  // A new one. REQUIRES: check_disk_rule. ERRORS: errno's text.
  static Result<DiskControlMemory> create(const DiskRule& rule);
  // The other process's end. ERRORS: it is not one.
  static Result<DiskControlMemory> open(os::UniqueFd fd);

  int fd() const { return memory_.fd(); }
  DiskControl& operator*() const { return *static_cast<DiskControl*>(memory_.data()); }
  DiskControl* operator->() const { return &**this; }

  void set_window(const Window& window) { agent::set_window((*this)->fault, window); }
  void set_lease_end(std::int64_t lease_end_ns) { agent::set_lease_end((*this)->fault, lease_end_ns); }
  // Nothing acts any more.
  void stop() { agent::stop((*this)->fault); }
  model::EffectCounters counters() const { return counters_of((*this)->fault); }

 private:
  explicit DiskControlMemory(os::SharedMemory memory) : memory_(std::move(memory)) {}

  os::SharedMemory memory_;
};

}  // namespace fracas::agent
