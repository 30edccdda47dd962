#pragma once
#include <fmt/format.h>
#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "checker/history/history.h"

// Replays a witness of a register or list, operation by operation, and knows nothing of the engines.
namespace fracas::checker::tests {

// What is wrong with the order (indexes into History::operations) as a proof that these operations are linearizable;
// empty when it is one. `mismatch`: a failed cas took place and saw another value.
inline std::string refute(const History& history, std::span<const std::uint32_t> group,
                          const std::vector<std::uint32_t>& order, bool list, bool mismatch) {
  const auto took_place = [&](const Operation& operation) {
    return operation.outcome == Outcome::ok ||
           (mismatch && operation.outcome == Outcome::fail && operation.function == checker::Function::cas);
  };
  std::vector<std::uint32_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return "an operation takes effect twice";
  for (const std::uint32_t index : group)
    if (took_place(history.operations[index]) && !std::binary_search(sorted.begin(), sorted.end(), index))
      return fmt::format("operation {} is left out", index);
  std::int64_t begun_ns = std::numeric_limits<std::int64_t>::min();
  checker::Value value;
  std::vector<checker::Value> elements;
  for (const std::uint32_t index : order) {
    const Operation& operation = history.operations[index];
    if (std::find(group.begin(), group.end(), index) == group.end()) return "an operation is of another key";
    if (!took_place(operation) && operation.outcome != Outcome::info) return "an operation that did not happen";
    begun_ns = std::max(begun_ns, operation.invoke_ns);
    if (operation.return_ns < begun_ns) return fmt::format("operation {} comes after one that began later", index);
    if (operation.function == checker::Function::write) value = operation.argument;
    if (operation.function == checker::Function::append) elements.push_back(operation.argument);
    if (operation.function == checker::Function::read && operation.outcome == Outcome::ok) {
      const auto seen = operation.result.is(checker::Value::Kind::list) ? history.values.elements_of(operation.result)
                                                                        : std::span<const checker::Value>{};
      if (list ? !std::equal(seen.begin(), seen.end(), elements.begin(), elements.end()) : operation.result != value)
        return fmt::format("read {} saw something else", index);
    }
    if (operation.function == checker::Function::cas) {
      const auto pair = history.values.elements_of(operation.argument);
      if ((value == pair[0]) == (operation.outcome == Outcome::fail)) return fmt::format("cas {} cannot be", index);
      if (value == pair[0]) value = pair[1];
    }
  }
  return {};
}

}  // namespace fracas::checker::tests
