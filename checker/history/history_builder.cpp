#include "checker/history/history_builder.h"

#include "checker/history/json_scanner.h"

#include <fmt/format.h>

#include <utility>

namespace fracas::checker {
namespace {

using model::EventType;

Outcome outcome_of(EventType type) {
  if (type == EventType::ok) return Outcome::ok;
  return type == EventType::fail ? Outcome::fail : Outcome::info;
}

}  // namespace

Value value_of(const model::Value& value, Values& values) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return values.integer(*number);
  if (const auto* pair = std::get_if<std::pair<std::int64_t, std::int64_t>>(&value)) {
    const Value both[]{values.integer(pair->first), values.integer(pair->second)};
    return values.list(both);
  }
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
    std::vector<Value> elements;
    elements.reserve(list->size());
    for (const std::int64_t element : *list) elements.push_back(values.integer(element));
    return values.list(elements);
  }
  Value read;
  if (const auto* other = std::get_if<model::Json>(&value)) JsonScanner(other->text).value(values, read);
  return read;
}

bool says_mismatch(Function function, std::string_view error) {
  return function == Function::cas && (error.empty() || error.starts_with("mismatch"));
}

std::uint32_t NameIndex::of(std::string_view name, std::vector<std::string>& names) {
  if (const auto found = ids_.find(name); found != ids_.end()) return found->second;
  const auto id = static_cast<std::uint32_t>(names.size());
  names.emplace_back(name);
  ids_.emplace(name, id);
  return id;
}

HistoryBuilder::HistoryBuilder() = default;

std::uint32_t HistoryBuilder::process(std::string_view name) {
  const std::uint32_t id = process_ids_.of(name, history_.processes);
  open_.resize(history_.processes.size(), kNone);
  return id;
}

std::uint32_t HistoryBuilder::node(std::string_view name) {
  return name.empty() ? kNone : node_ids_.of(name, history_.nodes);
}

Result<void> HistoryBuilder::check_place(const EventRow& event) const {
  if (history_.events >= kNone - 1) return failure("the history has more than 4294967294 events");
  if (event.time_ns < last_ns_)
    return failure(fmt::format("its time {} is before the {} of the event before it", event.time_ns, last_ns_));
  return {};
}

void HistoryBuilder::count(const EventRow& event) {
  if (history_.events++ == 0) history_.start_ns = event.time_ns;
  last_ns_ = history_.end_ns = event.time_ns;
}

Result<void> HistoryBuilder::add(const EventRow& event) {
  if (auto placed = check_place(event); !placed) return placed;
  auto added = event.type == EventType::invoke ? invoke(event) : complete(event);
  if (added) count(event);
  return added;
}

Result<void> HistoryBuilder::add_uninvoked(const EventRow& event, std::int64_t invoke_ns) {
  if (auto placed = check_place(event); !placed) return placed;
  Operation operation;
  operation.invoke_ns = invoke_ns;
  operation.key = event.key;
  operation.argument = event.function == Function::read ? Value{} : event.value;
  operation.result = event.value;
  operation.invoke = history_.events;
  operation.completion = history_.events;
  operation.process = event.process;
  operation.node = event.node;
  operation.function = event.function;
  operation.outcome = outcome_of(event.type);
  operation.mismatch = operation.outcome == Outcome::fail && event.mismatch;
  if (operation.outcome != Outcome::info) operation.return_ns = event.time_ns;
  append(operation);
  count(event);
  return {};
}

void HistoryBuilder::add(NemesisEvent event) {
  history_.nemesis.push_back(std::move(event));
}

Result<void> HistoryBuilder::invoke(const EventRow& event) {
  if (open_[event.process] != kNone) {
    const Operation& open = history_.operations[open_[event.process]];
    return failure(fmt::format("process {} invokes a second operation while its {} of event {} is open",
                               history_.processes[event.process], history_.functions.name(open.function),
                               open.invoke + 1));
  }
  open_[event.process] = static_cast<std::uint32_t>(history_.operations.size());
  Operation operation;
  operation.invoke_ns = event.time_ns;
  operation.key = event.key;
  operation.argument = event.value;
  operation.invoke = history_.events;
  operation.process = event.process;
  operation.node = event.node;
  operation.function = event.function;
  append(operation);
  return {};
}

void HistoryBuilder::append(const Operation& operation) {
  history_.one_key =
      history_.operations.empty() || (history_.one_key && operation.key == history_.operations.back().key);
  history_.operations.push_back(operation);
}

Result<void> HistoryBuilder::complete(const EventRow& event) {
  const std::string& process = history_.processes[event.process];
  if (open_[event.process] == kNone)
    return failure(fmt::format("process {} has \"{}\" without an invocation", process, model::name(event.type)));
  Operation& operation = history_.operations[open_[event.process]];
  if (operation.function != event.function)
    return failure(fmt::format("process {} completes a {} but has a {} open", process,
                               history_.functions.name(event.function), history_.functions.name(operation.function)));
  if (operation.key != event.key && !event.key.is_nil())
    return failure(fmt::format("process {} completes an operation on key {} but has one on key {} open", process,
                               history_.describe(event.key), history_.describe(operation.key)));
  operation.completion = history_.events;
  operation.result = event.value;
  operation.outcome = outcome_of(event.type);
  operation.mismatch = operation.outcome == Outcome::fail && event.mismatch;
  if (operation.outcome != Outcome::info) operation.return_ns = event.time_ns;
  if (event.node != kNone) operation.node = event.node;
  open_[event.process] = kNone;
  return {};
}

History HistoryBuilder::finish(bool timed) && {
  history_.timed = timed;
  return std::move(history_);
}

Result<History> history_of(std::span<const model::Event> events) {
  HistoryBuilder builder;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const model::Event& event = events[i];
    const auto at = [i](Error error) { return failure(std::move(error).context(fmt::format("event {}", i + 1))); };
    auto function = builder.functions().intern(model::name(event.function));
    if (!function) return at(std::move(function).error());
    const EventRow row{event.time_ns,
                       event.type,
                       *function,
                       builder.process(event.process),
                       builder.node(event.node),
                       event.key.empty() ? Value{} : builder.values().text(event.key),
                       value_of(event.value, builder.values()),
                       says_mismatch(*function, event.error)};
    if (auto added = builder.add(row); !added) return at(std::move(added).error());
  }
  return std::move(builder).finish();
}

}  // namespace fracas::checker
