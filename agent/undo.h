#pragma once
#include "agent/fault_kind.h"
#include "agent/ledger.h"
#include "lib/base/result.h"

namespace fracas::agent {

// Undoes a fault by its record alone. Idempotent; may be called while the agent that wrote the record is dead or
// stopped. Services that it ended and that do not run are started again, or left, because somebody ends all services
// anyway. REQUIRES: the caller holds the record's lock, and stands in the host's network namespace if it restarts
// services. ERRORS: what could not be undone; a kind that this program does not know.
Status undo_record(const LedgerRecord& record, KilledServices killed);

// undo_record, then removes the record. Nothing happens if the record has gone since it was read.
Status undo_and_remove(const Ledger& ledger, const LedgerRecord& record, KilledServices killed);

}  // namespace fracas::agent
