#include <fmt/format.h>

#include <algorithm>

#include "checker/linearizability/check_model.h"
#include "checker/models/key_value.h"

namespace fracas::checker {
namespace {

// Registers by key, all nil at first; a txn reads and writes several of them at one moment.
class MultiRegister {
 public:
  using State = std::vector<std::pair<Value, Value>>;  // key and value, by key; keys that hold nil are left out

  explicit MultiRegister(const History& history) : history_(&history) {}

  State initial() const { return {}; }

  Result<void> accept(const Operation& operation) const {
    if (operation.function == Function::read || operation.function == Function::write) return {};
    if (operation.function != Function::txn)
      return failure(
          fmt::format("the model \"multi-register\" has no \"{}\"", history_->functions.name(operation.function)));
    if (!is_transaction(operation.argument) ||
        (operation.outcome == Outcome::ok && !operation.result.is_nil() && !is_transaction(operation.result)))
      return failure("the value of this txn is not a list of [\"r\" key value] and [\"w\" key value]");
    return {};
  }

  bool pure(const ModelCall& call) const {
    if (call.function != Function::txn) return call.function == Function::read;
    const auto steps = elements(call.argument);
    return std::none_of(steps.begin(), steps.end(), [&](Value step) { return writes(elements(step)[0]); });
  }

  std::string describe(const State& state) const {
    std::string text;
    for (const auto& [key, value] : state)
      text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", history_->describe(key), history_->describe(value));
    return text.empty() ? "nil everywhere" : text;
  }

  bool apply(const ModelCall& call, State& state) const {
    if (call.function == Function::read) return !call.answered || value_of(state, call.key) == call.result;
    if (call.function == Function::write) {
      put(state, call.key, call.argument);
      return true;
    }
    const bool said = call.answered && !call.result.is_nil();
    for (const Value step : elements(said ? call.result : call.argument)) {
      const auto parts = elements(step);
      if (writes(parts[0])) {
        put(state, parts[1], parts[2]);
      } else if (call.answered && value_of(state, parts[1]) != parts[2]) {
        return false;
      }
    }
    return true;
  }

 private:
  std::span<const Value> elements(Value value) const {
    return value.is(Value::Kind::list) ? history_->values.elements_of(value) : std::span<const Value>{};
  }
  bool writes(Value function) const {
    const std::string_view name = history_->values.text_of(function);
    return name == "w" || name == "write";
  }
  bool is_transaction(Value value) const {
    if (!value.is(Value::Kind::list)) return false;
    const auto steps = elements(value);
    return std::all_of(steps.begin(), steps.end(), [&](Value step) {
      const auto parts = elements(step);
      if (parts.size() != 3 || !parts[0].is(Value::Kind::text)) return false;
      const std::string_view name = history_->values.text_of(parts[0]);
      return name == "r" || name == "read" || name == "w" || name == "write";
    });
  }

  static State::iterator place(State& state, Value key) {
    return std::lower_bound(state.begin(), state.end(), key, [](const auto& held, Value k) { return held.first < k; });
  }
  static Value value_of(State& state, Value key) {
    const auto at = place(state, key);
    return at != state.end() && at->first == key ? at->second : Value{};
  }
  static void put(State& state, Value key, Value value) {
    const auto at = place(state, key);
    const bool held = at != state.end() && at->first == key;
    if (value.is_nil()) {
      if (held) state.erase(at);
    } else if (held) {
      at->second = value;
    } else {
      state.insert(at, {key, value});
    }
  }

  const History* history_;
};

Result<CheckResult> check_multi_register(const History& history, const Request& request) {
  return check_model(history, request, MultiRegister(history), {.name = "multi-register", .by_key = false});
}

}  // namespace

const ModelKind kMultiRegister{"multi-register",
                               "registers that a txn of [\"r\" key value] and [\"w\" key value] changes at one moment",
                               {"linearizable", "sequential"},
                               {},
                               check_multi_register};

}  // namespace fracas::checker
