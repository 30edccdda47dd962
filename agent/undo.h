#pragma once
#include "agent/ledger.h"
#include "lib/base/result.h"

namespace fracas::agent {

enum class KilledServices { restart, leave };

// Undoes a process fault by its record alone: thaws what was paused, starts again what was killed and does not run.
// Idempotent; may be called while the agent that wrote the record is dead or stopped. Network faults need nothing here:
// what they leave is found by its marks (agent/faults/net.h).
// REQUIRES: the caller holds the record's lock, and stands in the host's network namespace if it restarts services.
Status undo(const LedgerRecord& record, KilledServices killed);

// undo, then removes the record. Nothing happens if the record has gone since it was read.
Status undo_and_remove(const Ledger& ledger, const LedgerRecord& record, KilledServices killed);

bool is_process_fault(const LedgerRecord& record);

}  // namespace fracas::agent
