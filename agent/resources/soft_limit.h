#pragma once
#include <sys/types.h>

#include <cstdint>

#include "lib/base/result.h"

namespace fracas::agent {

// A process's soft limit for an RLIMIT_… number. REQUIRES: the same user ids, or CAP_SYS_RESOURCE.
// ERRORS: ESRCH it is gone. Source: prlimit(2).
Result<std::uint64_t> soft_limit(pid_t pid, int resource);

// Sets it; the hard limit stays, so that raising it again needs no capability. ERRORS: ESRCH, EINVAL above the hard
// one.
Status set_soft_limit(pid_t pid, int resource, std::uint64_t limit);

// The smallest number such that a process whose soft RLIMIT_NOFILE it is can open `spare` more descriptors and no
// others: descriptors it has above it keep working. ERRORS: ESRCH.
Result<std::uint64_t> exhausting_fd_limit(pid_t pid, unsigned spare);

}  // namespace fracas::agent
