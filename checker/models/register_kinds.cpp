#include "checker/models/register_kinds.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "checker/check.h"
#include "checker/linearizability/check_model.h"
#include "checker/weak/model_order.h"
#include "checker/weak/register_levels.h"

namespace fracas::checker {
namespace {

constexpr std::string_view kNil = "nil";
constexpr std::string_view kLinearizable = "linearizable";
constexpr std::string_view kSequential = "sequential";

// A whole number, nil, or else a text.
std::optional<Value> initial_value(const History& history, const Request& request) {
  const std::string_view text = request.parameter("initial").value_or(kNil);
  if (text == kNil) return Value{};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool fits = number >= Value::kIntegerMin && number <= Value::kIntegerMax;
  if (error == std::errc() && end == text.data() + text.size() && fits) return Value::of(number);
  return history.values.find_text(text);
}

KeyRules rules_of(const History& history, const Request& request, bool cas) {
  return {.reg = {.cas = cas, .fail = request.fail, .initial = initial_value(history, request)}};
}

// One value that is compared with another, for the search.
struct CasRegister {
  using State = Value;
  const History* history;
  std::optional<Value> first;

  State initial() const { return first.value_or(Value::of(Value::kIntegerMin)); }
  Result<void> accept(const Operation& operation) const {
    if (operation.function == Function::read || operation.function == Function::write) return {};
    const bool pair = operation.function == Function::cas && operation.argument.is(Value::Kind::list) &&
                      history->values.elements_of(operation.argument).size() == 2;
    if (pair) return {};
    return failure(
        operation.function == Function::cas
            ? std::string("the value of this cas is not a pair of an expected and a new value")
            : fmt::format("the model \"cas-register\" has no \"{}\"", history->functions.name(operation.function)));
  }
  bool total(const ModelCall& call) const { return call.function == Function::write; }
  bool constant(const ModelCall& call) const { return total(call); }
  bool apply(const ModelCall& call, State& state) const {
    if (call.function == Function::read) return !call.answered || call.result == state;
    if (call.function == Function::write) {
      state = call.argument;
      return true;
    }
    const auto pair = history->values.elements_of(call.argument);
    const bool matches = state == pair[0];
    if (call.answered && matches == call.failed) return false;
    if (matches) state = pair[1];
    return true;
  }
  std::string describe(const State& state) const { return history->describe(state); }
};

Result<CheckResult> check_register(const History& history, const Request& request) {
  if (request.level != kLinearizable)
    return weak::check_register_level(history, request, initial_value(history, request));
  return check_linearizable(history, rules_of(history, request, false), "register", request);
}

Result<CheckResult> check_cas_register(const History& history, const Request& request) {
  if (request.level == kSequential)
    return weak::check_sequential(history, request, any_model(CasRegister{&history, initial_value(history, request)}),
                                  {.name = "cas-register"},
                                  [&](const Request& strong) { return check_cas_register(history, strong); });
  return check_linearizable(history, rules_of(history, request, true), "cas-register", request);
}

const ModelParameter kInitialValue{"initial", "what every key holds at first: a whole number, nil or a text", kNil};

std::vector<std::string_view> register_levels() {
  std::vector<std::string_view> names{kLinearizable};
  const auto& weaker = weak::register_level_names();
  names.insert(names.end(), weaker.begin(), weaker.end());
  return names;
}

std::vector<ModelParameter> register_parameters() {
  std::vector<ModelParameter> parameters{kInitialValue};
  const auto& more = weak::register_level_parameters();
  parameters.insert(parameters.end(), more.begin(), more.end());
  return parameters;
}

}  // namespace

const ModelKind kRegister{"register", "one value a key: read, write", register_levels(), register_parameters(),
                          check_register};
const ModelKind kCasRegister{"cas-register",
                             "a register with compare-and-set: read, write, cas [expected new]",
                             {kLinearizable, kSequential},
                             {kInitialValue},
                             check_cas_register};

}  // namespace fracas::checker
