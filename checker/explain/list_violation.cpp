#include "checker/explain/list_violation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "checker/explain/text.h"

namespace fracas::checker {
namespace {

// One violated key in words.
struct Teller {
  const History& history;
  std::span<const std::uint32_t> key;

  const std::string& client(const Operation& operation) const { return history.processes[operation.process]; }
  std::string what(const Operation& operation) const { return describe_operation(show(history, operation)); }

  std::string read(const Operation& operation) const {
    const Value list = operation.result;
    return fmt::format("{} read {}{}", client(operation), list.is_nil() ? "[]" : describe_value(history, list),
                       describe_node(show(history, operation)));
  }

  // The element of the read that is there more often than it was appended.
  std::string surplus_element(const Operation& read) const {
    std::map<Value, std::int64_t> left;
    for (const std::uint32_t index : key)
      if (history.operations[index].function == Function::append && history.operations[index].outcome != Outcome::fail)
        ++left[history.operations[index].argument];
    if (!read.result.is(Value::Kind::list)) return {};
    for (const Value element : history.values.elements_of(read.result))
      if (left[element]-- <= 0) return history.describe(element);
    return {};
  }

  std::string earlier(const Operation& first, const Operation& second) const {
    return describe_distance(history, first.return_ns, second.invoke_ns);
  }
};

}  // namespace

std::string classify_lists(const History& history, std::span<const std::uint32_t> key, const Finding& finding) {
  const Teller tell{history, key};
  const std::string name = describe_key(history, history.operations[key.front()].key);
  const auto it = [&](std::size_t i) -> const Operation& { return history.operations[finding.evidence.at(i)]; };
  switch (finding.pattern) {
    case Pattern::phantom_read:
      return fmt::format("phantom element: {}{}, but nobody appended {}", name, tell.read(it(0)),
                         tell.surplus_element(it(0)));
    case Pattern::duplicate_element:
      return fmt::format("duplicate element: {}{} with {} more often than it was appended ({}'s {})", name,
                         tell.read(it(0)), tell.surplus_element(it(0)), tell.client(it(1)), tell.what(it(1)));
    case Pattern::incompatible_reads:
      return fmt::format("lists disagree: {}{} and {}, and neither continues the other", name, tell.read(it(0)),
                         tell.read(it(1)));
    case Pattern::lost_append:
      return fmt::format("lost append: {}{} although {}'s {} had been acknowledged {} earlier", name, tell.read(it(1)),
                         tell.client(it(0)), tell.what(it(0)), tell.earlier(it(0), it(1)));
    case Pattern::shrinking_read:
      return fmt::format("list shrank: {}{} although {} {} earlier", name, tell.read(it(1)), tell.read(it(0)),
                         tell.earlier(it(0), it(1)));
    case Pattern::future_read:
      return fmt::format("future read: {}{}, {} before {} invoked its {}", name, tell.read(it(0)),
                         tell.earlier(it(0), it(1)), tell.client(it(1)), tell.what(it(1)));
    case Pattern::append_order:
      return fmt::format("appends swapped: {}{}, although {}'s {} was acknowledged {} before {} invoked its {}", name,
                         tell.read(it(2)), tell.client(it(0)), tell.what(it(0)), tell.earlier(it(0), it(1)),
                         tell.client(it(1)), tell.what(it(1)));
    default:
      break;
  }
  return fmt::format("{}no order of its operations within the first {} explains what its reads returned", name,
                     describe_distance(history, history.start_ns, finding.failed_at_ns));
}

}  // namespace fracas::checker
