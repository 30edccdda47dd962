#pragma once
#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::agent::clock {

// Sees whether a patched process really reads a shifted clock: a hardware breakpoint on the stub's shifting code, for
// every thread of it, that switches itself off at the first hit. So it costs a victim microseconds once, and counts
// nothing where nobody reads the clock. Source: perf_event_open(2), PERF_TYPE_BREAKPOINT.
class Witness {
 public:
  // ERRORS: ENOENT not patched; EACCES, EOPNOTSUPP, ENOSPC no breakpoint can be had here.
  static Result<Witness> watch(pid_t pid);

  // Whether a thread has read a shifted clock since.
  bool seen() const;

 private:
  std::vector<os::UniqueFd> threads_;
};

}  // namespace fracas::agent::clock
