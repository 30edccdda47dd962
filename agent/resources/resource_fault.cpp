#include "agent/resources/resource_fault.h"

#include <unistd.h>

#include <fmt/format.h>

namespace fracas::agent {

RecordSteps note_steps(FaultRecord& record) {
  return [&record](const std::vector<UndoStep>& steps) { return record.note(to_json(steps)); };
}

Status undo_noted_steps(const LedgerRecord& record, KilledServices /*killed*/) {
  if (record.note.empty()) return {};
  auto steps = parse_undo_steps(record.note);
  if (!steps) return failure(std::move(steps).error());
  return undo_steps(*steps);
}

std::string group_name(const FaultRecord& record) {
  return fmt::format("{}-{}", ::getpid(), record.id());
}

Result<std::unique_ptr<Effect>> hold_change(const Preparation& preparation, Result<std::unique_ptr<Change>> change) {
  if (!change) return failure(std::move(change).error());
  return make_held_change(std::move(*change), note_steps(preparation.record));
}

}  // namespace fracas::agent
