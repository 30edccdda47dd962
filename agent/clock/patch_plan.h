#pragma once
#include <cstdint>
#include <vector>

#include "agent/clock/prologue.h"
#include "agent/clock/stub.abi.h"
#include "agent/clock/vdso_image.h"

// Which bytes of a vDSO image change, decided without touching a process.
namespace fracas::agent::clock {

// Bytes to be written at an offset of the image.
struct PatchWrite {
  std::size_t offset = 0;
  Bytes bytes;
};

// [start, end) of the image.
struct PatchRange {
  std::size_t start = 0;
  std::size_t end = 0;
};

struct PatchPlan {
  std::size_t stub = 0;            // where the stub begins
  std::vector<PatchWrite> writes;  // in this order: the stub, then the jumps to it
  std::vector<PatchRange> torn;    // where no thread may stand while the jumps are written or removed
  bool fast = false;               // the original code answers; false: a system call
};

// For a pristine image. ERRORS: ENOSPC as `room_for`.
Result<PatchPlan> plan_patch(const VdsoImage& pristine, std::uint64_t owner);

enum class PatchState { pristine, patched, foreign };

// What a victim's vDSO is, measured by the pristine one: as the kernel made it; patched by us, if only in part;
// or changed by somebody else, who is left alone.
struct PatchFinding {
  PatchState state = PatchState::pristine;
  std::size_t stub = 0;
  fracas_clock_header header{};  // valid if patched
};

// REQUIRES: `pristine` was parsed from the running kernel's own vDSO.
PatchFinding inspect(const VdsoImage& pristine, std::span<const std::uint8_t> mapping);

}  // namespace fracas::agent::clock
