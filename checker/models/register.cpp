#include <fmt/format.h>

#include "checker/models/problem.h"

namespace fracas::checker {
namespace {

// Numbers the values of one key; nil is kInitial.
class StateNumbers {
 public:
  std::optional<State> id(const model::Value& value) {
    if (std::holds_alternative<std::monostate>(value)) return kInitial;
    const auto* number = std::get_if<std::int64_t>(&value);
    return number ? std::optional(id(*number)) : std::nullopt;
  }
  State id(std::int64_t number) { return ids_.try_emplace(number, static_cast<State>(ids_.size() + 1)).first->second; }
  State count() const { return static_cast<State>(ids_.size() + 1); }

 private:
  std::unordered_map<std::int64_t, State> ids_;
};

std::string wrong_value(std::uint32_t event, model::Function function) {
  return fmt::format("event {}: the value of this {} is not {}", event + 1, model::name(function),
                     function == model::Function::cas ? "a pair of numbers" : "a number or null");
}

// Fills in what the call does. Empty when all is well.
std::string compile(const PairedOperations& operations, const PairedOperation& operation, StateNumbers& values,
                    Call& call) {
  switch (operation.function) {
    case model::Function::read: {
      const auto seen = values.id(operations.result(operation));
      if (!seen) return wrong_value(operation.completion, operation.function);
      call.kind = CallKind::read;
      call.first = *seen;
      return {};
    }
    case model::Function::write: {
      const auto written = values.id(operations.argument(operation));
      if (!written) return wrong_value(operation.invoke, operation.function);
      call.kind = CallKind::write;
      call.first = *written;
      return {};
    }
    case model::Function::cas: {
      const auto* pair = std::get_if<std::pair<std::int64_t, std::int64_t>>(&operations.argument(operation));
      if (!pair) return wrong_value(operation.invoke, operation.function);
      call.kind = CallKind::cas;
      call.first = values.id(pair->first);
      call.second = values.id(pair->second);
      return {};
    }
    case model::Function::append:
      break;
  }
  return fmt::format("event {}: a register has no \"append\"", operation.invoke + 1);
}

}  // namespace

Result<Problem> compile_register(const PairedOperations& operations, std::span<const std::uint32_t> key, Model model) {
  Problem problem;
  problem.calls.reserve(key.size());
  StateNumbers values;
  for (const std::uint32_t index : key) {
    const PairedOperation& operation = operations.all[index];
    if (operation.function == model::Function::cas && model != Model::cas_register)
      return failure(fmt::format("event {}: the model \"{}\" has no \"cas\"", operation.invoke + 1, name(model)));
    const bool required = operation.outcome == Outcome::ok;
    if (operation.outcome == Outcome::fail || (operation.function == model::Function::read && !required)) continue;
    Call call{operation.invoke_ns, operation.return_ns, 0, 0, index, CallKind::read, required};
    if (auto wrong = compile(operations, operation, values, call); !wrong.empty()) return failure(std::move(wrong));
    problem.calls.push_back(call);
  }
  problem.states = values.count();
  return problem;
}

}  // namespace fracas::checker
