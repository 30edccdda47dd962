#pragma once
#include <functional>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::agent::clock {

// Runs `work` in a forked process that does nothing else and waits for it, at most `patience`; then it is killed. That
// process may trace: whatever becomes of it, the kernel lets its victims go when it is gone, and stops of victims that
// are the caller's children do not reach the caller. It takes no signal but SIGKILL, so it finishes what it began even
// if the caller is killed. `work` must not take locks that other threads of the caller may hold: no log.
// ERRORS: those of `work`; ETIMEDOUT.
Status run_in_helper(const std::function<Status()>& work, Duration patience);

}  // namespace fracas::agent::clock
