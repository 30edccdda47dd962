#pragma once
#include "agent/clock/skew.h"
#include "agent/fault_kind.h"

// The clock faults with `system`: they act on the machine's own clock. Mechanism: agent/clock/machine_clock.h.
namespace fracas::agent {

// Whether the machine's clock can do it: REALTIME alone jumps, both clocks drift together. ERRORS: EINVAL.
Status check_machine_skew(const clock::Skew& skew);

// Steps, strobes or slows the machine's clock from the window's start on, once the true time is in the ledger. The
// agent, or its guardian where that is stopped or dead, puts it back at the end. While a drift lasts, BOOTTIME and with
// it the window itself drift as well. Counts the changes made, and those the clock showed afterwards.
// ERRORS: EPERM as may_set_machine_clock; EBUSY another fault has the clock.
Result<std::unique_ptr<Effect>> prepare_machine_clock(const clock::Skew& skew, const Preparation& preparation);

// Whether a record's note is of such a fault, and what undoes it.
bool is_machine_clock_note(std::string_view note);
Status undo_machine_clock(std::string_view note);

}  // namespace fracas::agent
