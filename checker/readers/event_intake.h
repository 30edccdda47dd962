#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "checker/history/history_builder.h"
#include "checker/readers/event_fields.h"
#include "checker/readers/line_times.h"
#include "checker/readers/name_cache.h"
#include "checker/readers/reading.h"
#include "lib/base/result.h"

namespace fracas::checker {

// What every reader does with an event, whatever its spelling: processes and functions by name, the rule of time
// (reading.h), keys inside values, faults of other tools. `options` is borrowed as long as this lives.
class EventIntake {
 public:
  explicit EventIntake(const ReadOptions& options) : options_(options) {}

  Values& values() { return builder_.values(); }
  void reserve(std::size_t operations) { builder_.reserve(operations); }

  // ERRORS, without the event's place: a missing or unknown member, and those of HistoryBuilder::add.
  Result<void> add(const EventFields& event);

  Reading finish(Format format) &&;

 private:
  Result<void> add_nemesis(const EventFields& event);
  Result<void> split_keyed_value(EventRow& row);
  Result<Function> function_of(const EventFields& event);
  std::uint32_t process_of(std::string_view name);
  std::uint32_t node_of(std::string_view name);
  void note_late_lines(Reading& reading) const;
  void note_unnamed(Reading& reading) const;

  const ReadOptions& options_;
  HistoryBuilder builder_;
  NameCache process_ids_, node_ids_, function_ids_;

  LineTimes times_;
  std::optional<bool> named_;                  // whether events name their processes; unknown before the first
  std::vector<std::uint32_t> nemesis_events_;  // the number of the client event that follows each
};

}  // namespace fracas::checker
