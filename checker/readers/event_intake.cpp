#include "checker/readers/event_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fracas::checker {
namespace {

using model::EventType;

constexpr std::int64_t kLateNsMax = 1'000'000'000;
constexpr std::int64_t kTimeMax = std::int64_t{1} << 62;

std::optional<EventType> type_of(std::string_view text) {
  if (text == "invoke") return EventType::invoke;
  if (text == "ok") return EventType::ok;
  if (text == "fail") return EventType::fail;
  if (text == "info") return EventType::info;
  return std::nullopt;
}

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
  if (event.process.empty()) return failure("the event has no \"process\"");
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
  row.process = process_of(event.process);
  row.node = node_of(event.node);
  row.key = event.key;
  row.value = event.value;
  row.mismatch = row.type == EventType::fail && says_mismatch(row.function, event.error);
  if (options_.keyed_values && row.key.is_nil())
    if (auto split = split_keyed_value(row); !split) return split;
  if (auto placed = place_in_time(event, row); !placed) return placed;
  if (options_.completions_only && row.type != EventType::invoke && !builder_.has_open(row.process))
    return builder_.add_uninvoked(row, *timed_ ? first_ns_ : 0);
  return builder_.add(row);
}

Result<void> EventIntake::add_nemesis(const EventFields& event) {
  const auto& nemesis = builder_.nemesis();
  std::int64_t time_ns = event.time_ns.value_or(timed_.value_or(false) ? last_ns_ : builder_.events());
  if (!nemesis.empty()) time_ns = std::max(time_ns, nemesis.back().time_ns);
  std::string what(event.function);
  if (!event.value.is_nil()) what += " " + builder_.values().describe(event.value);
  builder_.add(NemesisEvent{time_ns, std::move(what)});
  nemesis_events_.push_back(builder_.events());
  return {};
}

Result<void> EventIntake::place_in_time(const EventFields& event, EventRow& row) {
  const bool timed = event.time_ns.has_value();
  if (!timed_) {
    timed_ = timed;
    first_ns_ = event.time_ns.value_or(0);
  }
  if (timed != *timed_)
    return failure(timed ? "the event has a \"time\", unlike those before it"
                         : "the event has no \"time\", unlike those before it");
  row.time_ns = timed ? *event.time_ns : builder_.events();
  return timed ? nudge(row) : Result<void>{};
}

// Keeps the order of the lines also where their times say otherwise, or nothing: an invocation comes after every
// return above it, all else is at least not earlier.
Result<void> EventIntake::nudge(EventRow& row) {
  if (row.time_ns <= -kTimeMax || row.time_ns >= kTimeMax)
    return failure(fmt::format("{} is no time in nanoseconds", row.time_ns));
  times_differ_ = times_differ_ || row.time_ns != first_ns_;
  if (row.time_ns < last_ns_) {
    const std::int64_t late_ns = last_ns_ - row.time_ns;
    if (late_ns > kLateNsMax)
      return failure(
          fmt::format("its time {} is {:.3f} s before that of the event before it; the order of the lines "
                      "must be that of the events",
                      row.time_ns, static_cast<double>(late_ns) / 1e9));
    ++late_lines_;
    late_ns_max_ = std::max(late_ns_max_, late_ns);
    row.time_ns = last_ns_;
  }
  if (row.type == EventType::invoke && row.time_ns == last_return_ns_) ++row.time_ns;
  if (row.type == EventType::ok || row.type == EventType::fail) last_return_ns_ = row.time_ns;
  last_ns_ = row.time_ns;
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

void EventIntake::note_late_lines(Reading& reading) const {
  if (late_lines_ == 0) return;
  reading.notes.push_back(fmt::format(
      "{} events have a time before that of the line above, by up to {:.3f} ms; the order of the lines counts",
      late_lines_, static_cast<double>(late_ns_max_) / 1e6));
}

Reading EventIntake::finish(Format format) && {
  const bool timed = timed_.value_or(false) && times_differ_;
  Reading reading;
  reading.format = format;
  reading.history = std::move(builder_).finish(timed);
  if (timed_.value_or(false) && !timed) renumber(reading.history, nemesis_events_);
  if (timed) note_late_lines(reading);
  return reading;
}

}  // namespace fracas::checker
