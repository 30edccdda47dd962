#include "checker/explain/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/quantity.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kListShown = 8;  // elements of a list that are written out

// "3->5" for a compare-and-set, the value for all else.
std::string describe_argument(const History& history, const Operation& operation) {
  const bool pair = operation.function == Function::cas && operation.argument.is(Value::Kind::list) &&
                    history.values.elements_of(operation.argument).size() == 2;
  const bool nothing = operation.argument.is_nil() && operation.function != Function::write;
  if (!pair) return nothing ? std::string() : describe_value(history, operation.argument);
  const auto both = history.values.elements_of(operation.argument);
  return fmt::format("{}->{}", describe_value(history, both[0]), describe_value(history, both[1]));
}

// What a person wants to see of the result: not the echo of an argument, nor the nil of an acknowledgement.
std::string describe_result(const History& history, const Operation& operation) {
  if (operation.outcome != Outcome::ok) return {};
  switch (operation.function) {
    case Function::read:
    case Function::dequeue:
    case Function::pop:
    case Function::peek:
    case Function::remove_min:
      return describe_value(history, operation.result);
    default:
      break;
  }
  const bool said = !operation.result.is_nil() && operation.result != operation.argument;
  return said ? describe_value(history, operation.result) : std::string();
}

}  // namespace

std::string describe_value(const History& history, Value value) {
  const auto list = value.is(Value::Kind::list) ? history.values.elements_of(value) : std::span<const Value>{};
  if (list.size() <= kListShown) return history.describe(value);
  std::string end;
  for (const Value element : list.last(kListShown)) end += ' ' + history.describe(element);
  return fmt::format("[…{}] ({} elements)", end, list.size());
}

std::string key_text(const History& history, Value key) {
  if (key.is_nil()) return {};
  return key.is(Value::Kind::text) ? std::string(history.values.text_of(key)) : history.describe(key);
}

std::string describe_key(const History& history, Value key) {
  return key.is_nil() ? std::string() : fmt::format("key {}: ", key_text(history, key));
}

std::string describe_span(std::int64_t nanoseconds) {
  const std::string text = describe_duration(Duration(nanoseconds));
  const std::size_t unit = std::min(text.find_first_not_of("-0123456789."), text.size());
  return fmt::format("{} {}", std::string_view(text).substr(0, unit), std::string_view(text).substr(unit));
}

std::string describe_distance(const History& history, std::int64_t from, std::int64_t to) {
  return history.timed ? describe_span(to - from) : fmt::format("{} events", to - from);
}

std::string describe_operation(const ShownOperation& operation) {
  std::string text = operation.function;
  if (!operation.argument.empty()) text += ' ' + operation.argument;
  if (!operation.result.empty()) text += (operation.function == "read" ? " " : " -> ") + operation.result;
  if (operation.outcome == Outcome::fail) text += " (failed)";
  return operation.outcome == Outcome::info ? text + '?' : text;
}

std::string describe_node(const ShownOperation& operation) {
  if (operation.node.empty()) return {};
  return fmt::format(" {} {}", operation.function == "read" ? "from" : "at", operation.node);
}

ShownOperation show(const History& history, const Operation& operation) {
  return {history.processes[operation.process],
          std::string(history.node_of(operation)),
          std::string(history.functions.name(operation.function)),
          describe_argument(history, operation),
          describe_result(history, operation),
          operation.outcome,
          operation.invoke_ns,
          operation.return_ns};
}

}  // namespace fracas::checker
