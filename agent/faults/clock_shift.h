#pragma once
#include <cstdint>
#include <memory>

#include "agent/clock/skew.h"
#include "agent/fault_kind.h"

namespace fracas::agent {

// The effect behind the clock faults of processes: the victims' processes are patched at once, later children and
// programs as they come to be, before they run: the scheduler's tracepoints tell of them, and a program that begins
// inside the window is held for a few milliseconds until it is patched. Where those do not load, or the victims have no
// cgroup, the agent looks for new processes every 50 ms. Chosen processes are looked for every 500 ms. Deadlines are
// repaired where the kernel lets BPF do it. `owner` is in the ledger already. ERRORS: those of clock::attach; then no
// process is changed.
Result<std::unique_ptr<Effect>> shift_clocks(const clock::Skew& skew, std::uint64_t owner,
                                             const Preparation& preparation);

}  // namespace fracas::agent
