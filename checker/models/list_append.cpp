#include <fmt/format.h>

#include <algorithm>

#include "checker/models/lists.h"
#include "checker/models/problem.h"

namespace fracas::checker {

Result<Lists> collect_lists(const History& history, std::span<const std::uint32_t> key) {
  Lists lists;
  for (const std::uint32_t index : key) {
    const Operation& operation = history.operations[index];
    if (operation.outcome == Outcome::fail) continue;
    const bool required = operation.outcome == Outcome::ok;
    if (operation.function == Function::append) {
      lists.appends.push_back({operation.invoke_ns, operation.return_ns, operation.argument, index, required});
      continue;
    }
    if (operation.function != Function::read)
      return failure(fmt::format("event {}: the model \"list-append\" has no \"{}\"", operation.invoke + 1,
                                 history.functions.name(operation.function)));
    if (!required) continue;
    const bool empty = operation.result.is_nil();
    if (!empty && !operation.result.is(Value::Kind::list))
      return failure(fmt::format("event {}: the value of this read is not a list", operation.completion + 1));
    lists.reads.push_back({operation.invoke_ns, operation.return_ns,
                           empty ? std::span<const Value>{} : history.values.elements_of(operation.result), index});
  }
  return lists;
}

Result<Problem> compile_lists(const History& history, std::span<const std::uint32_t> key) {
  const auto lists = collect_lists(history, key);
  if (!lists) return failure(lists.error());
  Problem problem;
  std::unordered_map<Value, State> elements;
  const auto element_id = [&](Value element) {
    const auto [found, fresh] = elements.try_emplace(element, static_cast<State>(elements.size()));
    if (fresh) problem.element_used_until.push_back(-1);
    return found->second;
  };
  for (const Append& append : lists->appends)
    problem.calls.push_back({append.invoke_ns, append.return_ns, element_id(append.element), 0, append.operation,
                             CallKind::append, append.required});
  for (const ListRead& read : lists->reads) {
    State node = kInitial;
    for (const Value element : read.list) {
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
