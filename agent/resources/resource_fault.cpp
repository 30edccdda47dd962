#include "agent/resources/resource_fault.h"

#include <unistd.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace fracas::agent {

RecordSteps note_steps(FaultRecord& record) {
  return [&record](const std::vector<UndoStep>& steps) { return record.note(to_json(steps)); };
}

OtherSteps other_steps(const FaultRecord& record) {
  return [&record] {
    std::vector<UndoStep> all;
    for (const LedgerRecord& other : record.others()) {
      // Some kinds note more than the steps, in an object around them. Those without any say nothing here.
      const auto note = nlohmann::json::parse(other.note, nullptr, false);
      const bool around = note.is_object() && note.contains("steps");
      if (auto steps = parse_undo_steps(around ? note["steps"].dump() : other.note))
        all.insert(all.end(), steps->begin(), steps->end());
    }
    return all;
  };
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
