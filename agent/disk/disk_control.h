#pragma once
#include <cstddef>
#include <cstdint>

#include "agent/disk/disk_rule.h"
#include "agent/effect.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::agent {

inline constexpr std::size_t kDiskPatternBytes = 256;

enum class DiskServerState : std::uint32_t { starting, mounted, failed };

// What agent and file system share. The rule is written before the server starts and never again; everything else is
// loaded and stored as one word, from any thread of either process.
struct DiskControl {
  char files[kDiskPatternBytes];  // ends with a zero byte
  std::uint64_t share_per_2_32;
  std::uint64_t seed;
  std::int64_t delay_ns;
  std::int32_t error;
  std::uint32_t operations;  // one bit for each DiskOperation
  std::uint8_t corrupt;
  std::uint8_t lose_unsynced;
  std::uint8_t torn;
  std::uint8_t fill;
  std::uint8_t uncached_reads;
  std::uint8_t unused[3];

  std::int64_t free_bytes;    // what is left of it, if `fill`
  std::int64_t start_ns;      // CLOCK_BOOTTIME; acts in [start_ns, end_ns)
  std::int64_t end_ns;        // 0: not armed
  std::int64_t lease_end_ns;  // nothing acts from then on
  std::uint32_t state;        // DiskServerState
  std::int32_t state_error;   // errno, if it failed

  std::uint64_t drawn;     // choices made so far
  std::uint64_t matched;   // calls in scope; of lose_unsynced: writes
  std::uint64_t affected;  // of those, failed, delayed or corrupted; of lose_unsynced: lost
  std::uint64_t bytes;     // of the affected
  std::int64_t first_ns;   // CLOCK_BOOTTIME of the first and last affected one; 0: none
  std::int64_t last_ns;
};

// The mapping of a memfd that holds one DiskControl: it lives as long as somebody has it mapped or open, and leaves
// nothing. Thread: any.
class DiskControlMemory {
 public:
  // A new one. REQUIRES: check_disk_rule. ERRORS: errno's text.
  static Result<DiskControlMemory> create(const DiskRule& rule);
  // The other process's end. ERRORS: it is not one.
  static Result<DiskControlMemory> open(os::UniqueFd fd);

  DiskControlMemory(DiskControlMemory&& other) noexcept;
  DiskControlMemory& operator=(DiskControlMemory&&) = delete;
  ~DiskControlMemory();

  int fd() const { return fd_.get(); }
  DiskControl& operator*() const { return *mapped_; }
  DiskControl* operator->() const { return mapped_; }

  void set_window(const Window& window);
  void set_lease_end(std::int64_t lease_end_ns);
  // Nothing acts any more.
  void stop();
  model::EffectCounters counters() const;

 private:
  DiskControlMemory(os::UniqueFd fd, DiskControl* mapped) : fd_(std::move(fd)), mapped_(mapped) {}
  static Result<DiskControlMemory> map(os::UniqueFd fd);

  os::UniqueFd fd_;
  DiskControl* mapped_;
};

}  // namespace fracas::agent
