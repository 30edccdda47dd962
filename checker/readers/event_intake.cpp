#include "checker/readers/event_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fracas::checker {
namespace {

using model::EventType;

constexpr const char* kNoProcess = "the event has no \"process\"";
constexpr const char* kProcessOfFew = "the event has a \"process\", though those before it have none";
constexpr std::string_view kOnlyClient = "client";  // where no event names one

// Numbers in place of times that tell nothing. What was known by its completion alone began at an unknown time.
void renumber(History& history, const std::vector<std::uint32_t>& nemesis_events) {
  for (Operation& operation : history.operations) {
    operation.invoke_ns = operation.invoke == operation.completion ? 0 : operation.invoke;
    if (operation.outcome != Outcome::info) operation.return_ns = operation.completion;
  }
  history.start_ns = 0;
  history.end_ns = history.events == 0 ? 0 : history.events - 1;
  for (std::size_t i = 0; i < nemesis_events.size(); ++i) history.nemesis[i].time_ns = nemesis_events[i];
}

}  // namespace

Result<void> EventIntake::add(const EventFields& event) {
  if (!named_) named_ = !event.process.empty();
  if (event.process.empty() == *named_) return failure(*named_ ? kNoProcess : kProcessOfFew);
  if (event.process == "nemesis") return add_nemesis(event);
  const auto type = type_of(event.type);
  if (!type) {
    if (event.type.empty()) return failure("the event has no \"type\"");
    return failure(fmt::format("\"type\" is \"{}\", not invoke, ok, fail or info", event.type));
  }
  auto function = function_of(event);
  if (!function) return failure(std::move(function).error());
  EventRow row;
  row.type = *type;
  row.function = *function;
  row.process = process_of(*named_ ? event.process : kOnlyClient);
  row.node = node_of(event.node);
  row.key = event.key;
  row.value = event.value;
  row.mismatch = row.type == EventType::fail && says_mismatch(row.function, event.error);
  if (options_.keyed_values && row.key.is_nil())
    if (auto split = split_keyed_value(row); !split) return split;
  const auto placed = times_.place(event.time_ns, row.type, builder_.events());
  if (!placed) return failure(placed.error());
  row.time_ns = *placed;
  if (options_.completions_only && row.type != EventType::invoke && !builder_.has_open(row.process))
    return builder_.add_uninvoked(row, times_.first_ns());
  return builder_.add(row);
}

Result<void> EventIntake::add_nemesis(const EventFields& event) {
  const auto& nemesis = builder_.nemesis();
  std::int64_t time_ns = event.time_ns.value_or(times_.timed() ? times_.last_ns() : builder_.events());
  if (!nemesis.empty()) time_ns = std::max(time_ns, nemesis.back().time_ns);
  std::string what(event.function);
  if (!event.value.is_nil()) what += " " + builder_.values().describe(event.value);
  builder_.add(NemesisEvent{time_ns, std::move(what)});
  nemesis_events_.push_back(builder_.events());
  return {};
}

Result<void> EventIntake::split_keyed_value(EventRow& row) {
  if (row.value.is_nil()) return {};
  const bool list = row.value.is(Value::Kind::list);
  const auto both = list ? values().elements_of(row.value) : std::span<const Value>{};
  if (both.size() != 2) return failure(fmt::format("its value is {}, not [key value]", values().describe(row.value)));
  row.key = both[0];
  row.value = both[1];
  return {};
}

Result<Function> EventIntake::function_of(const EventFields& event) {
  if (event.function.empty()) {
    if (!event.value.is(Value::Kind::list)) return failure("the event has no \"f\" (what was asked)");
    return Function::txn;
  }
  if (const auto known = function_ids_.find(event.function)) return static_cast<Function>(*known);
  auto function = builder_.functions().intern(event.function);
  if (function) function_ids_.put(event.function, static_cast<std::uint32_t>(*function));
  return function;
}

std::uint32_t EventIntake::process_of(std::string_view name) {
  if (const auto known = process_ids_.find(name)) return *known;
  const std::uint32_t id = builder_.process(name);
  process_ids_.put(name, id);
  return id;
}

std::uint32_t EventIntake::node_of(std::string_view name) {
  if (name.empty()) return kNone;
  if (const auto known = node_ids_.find(name)) return *known;
  const std::uint32_t id = builder_.node(name);
  node_ids_.put(name, id);
  return id;
}

void EventIntake::note_unnamed(Reading& reading) const {
  if (named_ && !*named_) reading.notes.emplace_back("no event names a process: all are of one client");
}

void EventIntake::note_late_lines(Reading& reading) const {
  if (times_.late_lines() == 0) return;
  reading.notes.push_back(fmt::format(
      "{} events have a time before that of the line above, by up to {:.3f} ms; the order of the lines counts",
      times_.late_lines(), static_cast<double>(times_.late_ns_max()) / 1e6));
}

Reading EventIntake::finish(Format format) && {
  const bool timed = times_.timed() && times_.differ();
  Reading reading;
  reading.format = format;
  reading.history = std::move(builder_).finish(timed);
  if (times_.timed() && !timed) renumber(reading.history, nemesis_events_);
  if (timed) note_late_lines(reading);
  note_unnamed(reading);
  return reading;
}

}  // namespace fracas::checker
