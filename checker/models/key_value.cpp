#include "checker/models/key_value.h"

#include <fmt/format.h>

#include <string>

#include "checker/linearizability/check_model.h"

namespace fracas::checker {
namespace {

constexpr std::string_view kAbsent = "absent";

// The value as a text that says its kind: a store of texts must be able to append to what it holds.
void spell(const Values& values, Value value, std::string& text) {
  if (value.is(Value::Kind::text)) {
    text = 't';
    text += values.text_of(value);
  } else {
    text = value.is_nil() ? std::string() : 'v' + values.describe(value);
  }
}

class KeyValue {
 public:
  using State = std::string;  // spelt; empty = the key is absent

  KeyValue(const History& history, std::string initial) : history_(&history), initial_(std::move(initial)) {}

  State initial() const { return initial_; }

  Result<void> accept(const Operation& operation) const {
    switch (operation.function) {
      case Function::read:
      case Function::write:
      case Function::del:
        return {};
      case Function::append:
        if (operation.argument.is(Value::Kind::text)) return {};
        return failure("the value of this append is not a text");
      case Function::cas:
        if (pair(operation.argument).size() == 2) return {};
        return failure("the value of this cas is not a pair of an expected and a new value");
      default:
        return failure(
            fmt::format("the model \"key-value\" has no \"{}\"", history_->functions.name(operation.function)));
    }
  }

  bool apply(const ModelCall& call, State& state) const {
    const Values& values = history_->values;
    switch (call.function) {
      case Function::read:
        return !call.answered || holds(state, call.result);
      case Function::append:
        if (state.empty()) state = 't';
        state += values.text_of(call.argument);
        return true;
      case Function::del:
        state.clear();
        return true;
      case Function::cas: {
        const auto both = pair(call.argument);
        const bool matches = holds(state, both[0]);
        if (call.answered && call.failed == matches) return false;
        if (matches) spell(values, both[1], state);
        return true;
      }
      default:
        spell(values, call.argument, state);
        return true;
    }
  }

 private:
  std::span<const Value> pair(Value value) const {
    return value.is(Value::Kind::list) ? history_->values.elements_of(value) : std::span<const Value>{};
  }

  // Many stores answer "" for a key that is absent.
  bool holds(const State& state, Value value) const {
    if (value.is(Value::Kind::text)) {
      const std::string_view text = history_->values.text_of(value);
      return state.empty() ? text.empty() : state[0] == 't' && std::string_view(state).substr(1) == text;
    }
    std::string spelt;
    spell(history_->values, value, spelt);
    return spelt == state;
  }

  const History* history_;
  std::string initial_;
};

Result<CheckResult> check_key_value(const History& history, const Request& request) {
  const std::string_view initial = request.parameter("initial").value_or(kAbsent);
  const std::string spelt = initial == kAbsent ? std::string() : "t" + std::string(initial);
  return check_model(history, request, KeyValue(history, spelt), {.name = "key-value"});
}

}  // namespace

const ModelKind kKeyValue{"key-value",
                          "a store of texts: get, put, append, cas [expected new], delete; \"\" reads as absent",
                          {"linearizable"},
                          {{"initial", "the text every key holds at first", kAbsent}},
                          check_key_value};

}  // namespace fracas::checker
