#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "checker/history/history_builder.h"
#include "checker/readers/name_cache.h"
#include "checker/readers/reading.h"
#include "lib/base/result.h"

namespace fracas::checker {

// One event as its format spells it. Texts are borrowed for the call; empty means absent.
struct EventFields {
  std::string_view type;      // "invoke", "ok", "fail", "info"
  std::string_view function;  // absent: the event is a transaction, as Elle writes some
  std::string_view process;   // "nemesis" for faults
  std::string_view node;
  std::string_view error;  // why a fail or an info
  std::optional<std::int64_t> time_ns;
  Value key;  // of EventIntake::values(), as is `value`
  Value value;
};

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
  Result<void> place_in_time(const EventFields& event, EventRow& row);
  Result<void> nudge(EventRow& row);
  Result<void> split_keyed_value(EventRow& row);
  Result<Function> function_of(const EventFields& event);
  std::uint32_t process_of(std::string_view name);
  std::uint32_t node_of(std::string_view name);
  void note_late_lines(Reading& reading) const;

  const ReadOptions& options_;
  HistoryBuilder builder_;
  NameCache process_ids_, node_ids_, function_ids_;

  std::optional<bool> timed_;  // whether events have times; unknown before the first
  std::int64_t first_ns_ = 0;  // as recorded
  std::int64_t last_ns_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t last_return_ns_ = std::numeric_limits<std::int64_t>::min();
  bool times_differ_ = false;
  std::uint64_t late_lines_ = 0;
  std::int64_t late_ns_max_ = 0;
  std::vector<std::uint32_t> nemesis_events_;  // the number of the client event that follows each
};

}  // namespace fracas::checker
