#pragma once
#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::agent::clock {

// Every process of this machine whose clock is patched by `owner`, wherever it went: forked children carry the patch
// along. Costs some 0.1 ms a process of the machine.
std::vector<pid_t> find_patched(std::uint64_t owner);

// Ends the shift in all of them at once, then restores them one after the other, and looks again until there is none
// left. Needs nothing but the owner's number. Idempotent. ERRORS: the first of `recover`; all are tried.
Status recover_all(std::uint64_t owner, Duration patience);

}  // namespace fracas::agent::clock
