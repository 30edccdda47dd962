#include "checker/linearizability/model_problem.h"

#include <optional>
#include <unordered_map>

namespace fracas::checker {
namespace {

struct HashCall {
  std::size_t operator()(const ModelCall& call) const noexcept {
    const std::size_t rest =
        static_cast<std::size_t>(call.function) << 2U | (call.answered ? 2U : 0U) | (call.failed ? 1U : 0U);
    return ((std::hash<Value>{}(call.key) * 31 + std::hash<Value>{}(call.argument)) * 31 +
            std::hash<Value>{}(call.result)) *
               31 +
           rest;
  }
};

// Nothing where the operation constrains nothing.
std::optional<ModelCall> call_of(const Operation& operation, const AnyModel& model, FailMeans fail) {
  ModelCall call{operation.key, operation.argument, {}, operation.function, operation.outcome != Outcome::info, false};
  if (!call.answered) return model.pure(call) ? std::nullopt : std::optional(call);
  if (operation.outcome == Outcome::fail) {
    if (fail == FailMeans::did_not_happen || !model.conditional(call.function)) return std::nullopt;
    call.failed = true;
  }
  call.result = operation.result;
  return call;
}

State traits_of(const ModelCall& call, const AnyModel& model) {
  if (model.pure(call)) return kPureStep;
  const bool constant = model.constant(call);
  return (constant || model.total(call) ? kTotalStep : 0U) | (constant ? kConstantStep : 0U);
}

}  // namespace

ModelProblem compile_model(const History& history, std::span<const std::uint32_t> group, const AnyModel& model,
                           FailMeans fail) {
  ModelProblem compiled;
  std::vector<ModelCall> distinct;  // by call number
  std::unordered_map<ModelCall, State, HashCall> numbers;
  for (const std::uint32_t index : group) {
    const Operation& operation = history.operations[index];
    const auto call = call_of(operation, model, fail);
    if (!call) continue;
    const auto [found, fresh] = numbers.try_emplace(*call, static_cast<State>(distinct.size()));
    if (fresh) {
      distinct.push_back(*call);
      distinct.push_back({call->key, call->argument, {}, call->function, false, false});
    }
    compiled.problem.calls.push_back({operation.invoke_ns, operation.return_ns, found->second, traits_of(*call, model),
                                      index, CallKind::step, operation.outcome != Outcome::info});
  }
  compiled.space = model.space(std::move(distinct));
  compiled.problem.space = compiled.space.get();
  return compiled;
}

}  // namespace fracas::checker
