#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "agent/clock/patch_plan.h"
#include "agent/clock/skew.h"
#include "lib/base/result.h"

// Clocks of one process shifted by patching its private copy of the vDSO: every clock_gettime, gettimeofday and time of
// C, C++, Go, Java, Python and Node goes through it. Not shifted: raw system calls, kernel timers, 32-bit programs.
// What is in the victim alone decides what it reads: the stub compares the window's end itself, so that the shift ends
// with everybody dead. REQUIRES: CAP_SYS_PTRACE or the same user; x86-64. Thread: any; for one process one at a time.
namespace fracas::agent::clock {

// How long a victim's threads may take to stop.
inline constexpr Duration kStopPatience = std::chrono::seconds(2);

// Patches the process, shifting nothing yet; its threads stop for about a millisecond. Idempotent for one owner.
// Returns whether its reads stay at vDSO speed. ERRORS: EPERM traced already; EBUSY another owner patched it, or its
// vDSO was changed by somebody else; ESRCH it is gone, or has no memory of its own yet, as in vfork;
// ENOEXEC, ENOSPC no vDSO to patch; ETIMEDOUT. After an error the process is as it was.
Result<bool> attach(pid_t pid, std::uint64_t owner);

// Sets what a patched process reads from now on, without stopping it. ERRORS: ENOENT it is not patched by `owner`.
Status configure(pid_t pid, std::uint64_t owner, const fracas_clock_config& config);

// What the stub in it is set to; nothing if it is not patched by us.
Result<std::optional<fracas_clock_header>> look_into(pid_t pid);

inline const fracas_clock_config& current_config(const fracas_clock_header& header) {
  return header.config[header.index % 2];
}

// Makes the process's clock what it was, whoever patched it: ends the shift at once, waits until a monotonic one has
// melted away, then restores the bytes. Needs nothing but the process. Idempotent; a process that is gone, or never was
// patched, is no error. ERRORS: ETIMEDOUT the monotonic clock needs longer than `patience`, or a thread does not stop:
// call it again; EPERM it is traced by somebody: its clock is right, the stub stays.
Status recover(pid_t pid, Duration patience);

}  // namespace fracas::agent::clock
