#include <fmt/format.h>

#include <algorithm>

#include "checker/models/lists.h"
#include "checker/models/problem.h"

namespace fracas::checker {

Result<Lists> collect_lists(const PairedOperations& operations, std::span<const std::uint32_t> key) {
  static const std::vector<std::int64_t> kEmpty;
  Lists lists;
  for (const std::uint32_t index : key) {
    const PairedOperation& operation = operations.all[index];
    if (operation.outcome == Outcome::fail) continue;
    const bool required = operation.outcome == Outcome::ok;
    if (operation.function == model::Function::append) {
      const auto* element = std::get_if<std::int64_t>(&operations.argument(operation));
      if (!element)
        return failure(fmt::format("event {}: the value of this append is not a number", operation.invoke + 1));
      lists.appends.push_back({operation.invoke_ns, operation.return_ns, *element, index, required});
      continue;
    }
    if (operation.function != model::Function::read)
      return failure(fmt::format("event {}: the model \"list-append\" has no \"{}\"", operation.invoke + 1,
                                 model::name(operation.function)));
    if (!required) continue;
    const model::Value& value = operations.result(operation);
    const auto* list = std::get_if<std::vector<std::int64_t>>(&value);
    if (!list && !std::holds_alternative<std::monostate>(value))
      return failure(fmt::format("event {}: the value of this read is not a list", operation.completion + 1));
    lists.reads.push_back({operation.invoke_ns, operation.return_ns, list ? list : &kEmpty, index});
  }
  return lists;
}

Result<Problem> compile_lists(const PairedOperations& operations, std::span<const std::uint32_t> key) {
  const auto lists = collect_lists(operations, key);
  if (!lists) return failure(lists.error());
  Problem problem;
  std::unordered_map<std::int64_t, State> elements;
  const auto element_id = [&](std::int64_t element) {
    const auto [found, fresh] = elements.try_emplace(element, static_cast<State>(elements.size()));
    if (fresh) problem.element_used_until.push_back(-1);
    return found->second;
  };
  for (const Append& append : lists->appends)
    problem.calls.push_back({append.invoke_ns, append.return_ns, element_id(append.element), 0, append.operation,
                             CallKind::append, append.required});
  for (const ListRead& read : lists->reads) {
    State node = kInitial;
    for (const std::int64_t element : *read.list) {
      const State id = element_id(element);
      problem.element_used_until[id] = std::max(problem.element_used_until[id], read.return_ns);
      const auto [child, fresh] = problem.children.try_emplace(std::uint64_t{node} << 32 | id, problem.states);
      if (fresh) ++problem.states;
      node = child->second;
    }
    problem.calls.push_back({read.invoke_ns, read.return_ns, node, 0, read.operation, CallKind::read, true});
  }
  std::stable_sort(problem.calls.begin(), problem.calls.end(),
                   [](const Call& a, const Call& b) { return a.invoke_ns < b.invoke_ns; });
  return problem;
}

}  // namespace fracas::checker
