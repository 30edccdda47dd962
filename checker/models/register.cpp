#include <fmt/format.h>

#include "checker/history/value_numbers.h"
#include "checker/models/problem.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kAhead = 12;  // operations
// Stands for an initial value that no operation names.
constexpr Value kUnnamed = Value::of(Value::kIntegerMin);

// Fills in what the call does. Empty when all is well, else what is wrong.
std::string compile(const History& history, const Operation& operation, const RegisterRules& rules,
                    ValueNumbers& states, Call& call) {
  if (operation.function == Function::read) {
    call.kind = CallKind::read;
    call.first = states.of(operation.result);
    return {};
  }
  if (operation.function == Function::write) {
    call.kind = CallKind::write;
    call.first = states.of(operation.argument);
    return {};
  }
  if (operation.function != Function::cas || !rules.cas)
    return fmt::format("event {}: the model \"{}\" has no \"{}\"", operation.invoke + 1,
                       rules.cas ? "cas-register" : "register", history.functions.name(operation.function));
  const auto pair = operation.argument.is(Value::Kind::list) ? history.values.elements_of(operation.argument)
                                                             : std::span<const Value>{};
  if (pair.size() != 2)
    return fmt::format("event {}: the value of this cas is not a pair of an expected and a new value",
                       operation.invoke + 1);
  call.kind = operation.outcome == Outcome::fail ? CallKind::mismatch : CallKind::cas;
  call.first = states.of(pair[0]);
  call.second = states.of(pair[1]);
  return {};
}

bool constrains_nothing(const Operation& operation, const RegisterRules& rules) {
  if (operation.outcome == Outcome::fail)
    return operation.function != Function::cas || rules.fail == FailMeans::did_not_happen;
  return operation.function == Function::read && operation.outcome == Outcome::info;
}

}  // namespace

Result<Problem> compile_register(const History& history, std::span<const std::uint32_t> key,
                                 const RegisterRules& rules) {
  Problem problem;
  problem.calls.reserve(key.size());
  ValueNumbers states(key.size());
  states.of(rules.initial.value_or(kUnnamed));  // is kInitial
  for (std::size_t i = 0; i < key.size(); ++i) {
    // One key's operations lie far apart among those of many.
    if (i + kAhead < key.size()) __builtin_prefetch(&history.operations[key[i + kAhead]]);
    const std::uint32_t index = key[i];
    const Operation& operation = history.operations[index];
    Call call{
        operation.invoke_ns, operation.return_ns, 0, 0, index, CallKind::read, operation.outcome != Outcome::info};
    if (auto wrong = compile(history, operation, rules, states, call); !wrong.empty()) return failure(std::move(wrong));
    if (!constrains_nothing(operation, rules)) problem.calls.push_back(call);
  }
  problem.states = states.count();
  return problem;
}

}  // namespace fracas::checker
