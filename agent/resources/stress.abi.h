#pragma once
#include <cstdint>

// Every byte that the agent and its stress workers (fracas-stress) share: the control file, mapped by all of them.
// Each number is stored and loaded atomically. Times are CLOCK_BOOTTIME nanoseconds.
namespace fracas::agent {

inline constexpr std::uint64_t kStressMagic = 0x3153'5345'5254'5346;  // "FSTRESS1"
inline constexpr std::uint32_t kStressWorkersMax = 256;
inline constexpr std::int64_t kStressOver = -1;

enum class StressKind : std::uint32_t { cpu = 1, memory = 2, io = 3 };

// One worker's own numbers; the worker alone writes them.
struct StressSlot {
  std::int64_t pid;  // 0: it has not registered yet
  std::uint64_t start_ticks;
  std::uint64_t tried;  // see StressOrder for what is counted
  std::uint64_t done;
  std::uint64_t bytes;
  std::int64_t first_ns;  // of the first and last one done; 0: none
  std::int64_t last_ns;
};

struct StressControl {
  std::uint64_t magic;
  std::int64_t start_ns;
  // 0: not armed, wait; kStressOver: leave at once.
  std::int64_t end_ns;
  std::int64_t lease_end_ns;  // written by the agent at each renewal; nobody acts from then on
  StressKind kind;
  std::uint32_t workers;
  std::uint64_t share_per_million;  // cpu: of one CPU
  std::uint64_t bytes;              // memory: of each worker; io: of each worker's file
  std::uint64_t rate_per_second;    // io: writes of each worker; 0: as fast as it can
  StressSlot slots[kStressWorkersMax];
};

static_assert(sizeof(StressSlot) == 56 && sizeof(StressControl) == 64 + kStressWorkersMax * sizeof(StressSlot));

}  // namespace fracas::agent
