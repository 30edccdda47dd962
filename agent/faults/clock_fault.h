#pragma once
#include "agent/clock/skew.h"
#include "agent/fault_kind.h"
#include "lib/model/fault.pb.h"

// What the kinds of clock faults share. Mechanism: agent/clock/patch.h.
namespace fracas::agent {

// Sets which clocks of `skew` are shifted. ERRORS: EINVAL a choice this program does not know.
Status choose_clocks(model::Clocks clocks, clock::Skew& skew);

// Patches the victims' processes, the threads and later children included; at the window's start all of them are
// shifted at once, at its end, or the lease's, all are right again by themselves, the agent alive or not. Counts the
// processes found and those seen to read a shifted clock. ERRORS: those of clock::attach; then no process is changed.
Result<std::unique_ptr<Effect>> prepare_clock(const clock::Skew& skew, const Preparation& preparation);

// Restores every process of this machine that carries the fault's mark, or the machine's clock.
Status undo_clock(const LedgerRecord& record, KilledServices killed);

// Lets programs of the victims go on that a dead agent holds at their first instruction.
Status release_clock(const LedgerRecord& record);

// Whether the record is of the machine's clock, which the kernel does not put right by itself.
bool is_on_machine_clock(const LedgerRecord& record);

FaultSupport probe_clock_fault();

}  // namespace fracas::agent
