#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/linearizability/finding.h"
#include "checker/model_kind.h"
#include "checker/models/sequential_model.h"
#include "checker/models/state_space.h"

namespace fracas::checker {

// What check_model() needs to know besides the model itself.
struct ModelRules {
  std::string_view name;  // "fifo-queue"
  bool by_key = true;     // operations on different keys (none is a key too) have nothing to do with each other
  // An exact engine that is cheaper than the search, for the level "linearizable": asked first for each group, with
  // indexes into History::operations, failed ones among them. Nothing = it cannot decide this group. Evidence: indexes
  // into History::operations; with Pattern::none it is made minimal by the search. Called from several threads.
  std::function<std::optional<Finding>(std::span<const std::uint32_t>)> shortcut = {};
};

// A SequentialModel without its type.
struct AnyModel {
  std::function<Result<void>(const Operation&)> accept;
  std::function<bool(Function)> conditional;
  std::function<bool(const ModelCall&)> pure;
  std::function<bool(const ModelCall&)> total;
  std::function<bool(const ModelCall&)> constant;
  std::function<std::unique_ptr<StateSpace>(std::vector<ModelCall>)> space;  // of these calls
};

template <SequentialModel Model>
AnyModel any_model(const Model& model) {
  AnyModel any;
  any.accept = [model](const Operation& operation) { return model.accept(operation); };
  any.conditional = [model](Function function) {
    if constexpr (requires { model.conditional(function); }) return model.conditional(function);
    return function == Function::cas;
  };
  any.pure = [model](const ModelCall& call) {
    if constexpr (requires { model.pure(call); }) return model.pure(call);
    return call.failed || call.function == Function::read || call.function == Function::peek ||
           call.function == Function::length;
  };
  any.total = [model](const ModelCall& call) {
    if constexpr (requires { model.total(call); }) return model.total(call);
    return false;
  };
  any.constant = [model](const ModelCall& call) {
    if constexpr (requires { model.constant(call); }) return model.constant(call);
    return false;
  };
  any.space = [model](std::vector<ModelCall> calls) -> std::unique_ptr<StateSpace> {
    if constexpr (requires { model.knowing(calls); })
      return std::make_unique<InternedStates<Model>>(model.knowing(calls), std::move(calls));
    return std::make_unique<InternedStates<Model>>(model, std::move(calls));
  };
  return any;
}

// Does the history behave like the model at the level that the request names? "linearizable": each operation takes
// effect between its invocation and its return. "sequential": all take effect in one order, over all keys, in which
// each process's come in the order it made them. ERRORS: "event N: …" where an operation is not of the model.
Result<CheckResult> check_any_model(const History& history, const Request& request, const AnyModel& model,
                                    const ModelRules& rules);

template <SequentialModel Model>
Result<CheckResult> check_model(const History& history, const Request& request, const Model& model,
                                const ModelRules& rules) {
  return check_any_model(history, request, any_model(model), rules);
}

}  // namespace fracas::checker
