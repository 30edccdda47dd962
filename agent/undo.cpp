#include "agent/undo.h"

#include "agent/catalogue.h"

namespace fracas::agent {

Status undo_record(const LedgerRecord& record, KilledServices killed) {
  const FaultKind* kind = find_kind(record.kind);
  if (kind == nullptr) return failure("no fault is called '" + record.kind + "' here; another version's agent made it");
  return kind->undo(record, killed);
}

Status undo_and_remove(const Ledger& ledger, const LedgerRecord& record, KilledServices killed) {
  // Somebody was faster; the lock that the caller took afterwards is a new file.
  if (!ledger.holds(record.id)) return ledger.remove(record.id);
  if (auto undone = undo_record(record, killed); !undone) return failure(std::move(undone).error().context(record.id));
  return ledger.remove(record.id);
}

}  // namespace fracas::agent
