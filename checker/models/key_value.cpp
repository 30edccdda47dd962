#include "checker/models/key_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checker/linearizability/check_model.h"

namespace fracas::checker {
namespace {

constexpr std::string_view kAbsent = "absent";

// What a key holds. Texts are told apart as far as answers do: a text that no answer begins with is gone, because
// nothing can be appended to it that an answer would show.
struct Held {
  enum class Kind : std::uint8_t { absent, text, other, gone } kind = Kind::absent;
  std::uint32_t example = 0;  // text: the first known text that begins with it, …
  std::uint32_t length = 0;   // … and how much of that it is
  Value value;                // other: a number, list, …

  bool operator==(const Held&) const = default;
  std::size_t hash() const {
    const std::uint64_t place = std::uint64_t{example} << 32U | length;
    return std::hash<Value>{}(value) ^ ((place * 4 + static_cast<std::uint64_t>(kind)) * 0x9E3779B97F4A7C15U >> 7U);
  }
};

class KeyValue {
 public:
  using State = Held;
  using Kind = Held::Kind;

  KeyValue(const History& history, std::optional<std::string> initial)
      : history_(&history), initial_(std::move(initial)) {}

  // REQUIRES: for all that follows but accept(): the model knows the calls.
  KeyValue knowing(std::span<const ModelCall> calls) const {
    KeyValue model = *this;
    for (const ModelCall& call : calls) {
      model.learn(call.result);
      if (const auto both = pair(call.argument); both.size() == 2) model.learn(both[0]);
    }
    std::sort(model.known_.begin(), model.known_.end());
    model.known_.erase(std::unique(model.known_.begin(), model.known_.end()), model.known_.end());
    return model;
  }

  State initial() const { return initial_ ? text(*initial_) : State{}; }

  bool total(const ModelCall& call) const { return call.function == Function::append || constant(call); }
  bool constant(const ModelCall& call) const {
    return call.function == Function::write || call.function == Function::del;
  }

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

  std::string describe(const State& state) const {
    switch (state.kind) {
      case Kind::absent:
        return std::string(kAbsent);
      case Kind::text:
        return fmt::format("\"{}\"", known_.empty() ? "" : known_[state.example].substr(0, state.length));
      case Kind::other:
        return history_->describe(state.value);
      case Kind::gone:
        break;
    }
    return "another text";
  }

  bool apply(const ModelCall& call, State& state) const {
    switch (call.function) {
      case Function::read:
        return !call.answered || holds(state, call.result);
      case Function::append:
        state = longer(state, history_->values.text_of(call.argument));
        return true;
      case Function::del:
        state = {};
        return true;
      case Function::cas: {
        const auto both = pair(call.argument);
        const bool matches = holds(state, both[0]);
        if (call.answered && call.failed == matches) return false;
        if (matches) state = of(both[1]);
        return true;
      }
      default:
        state = of(call.argument);
        return true;
    }
  }

 private:
  std::span<const Value> pair(Value value) const {
    return value.is(Value::Kind::list) ? history_->values.elements_of(value) : std::span<const Value>{};
  }

  void learn(Value value) {
    if (value.is(Value::Kind::text)) known_.push_back(history_->values.text_of(value));
  }

  State of(Value value) const {
    if (value.is_nil()) return {};
    if (value.is(Value::Kind::text)) return text(history_->values.text_of(value));
    return {Kind::other, 0, 0, value};
  }

  State text(std::string_view text) const { return longer({Kind::text, 0, 0, {}}, text); }

  // The texts that begin like `state` lie together in known_, from its example on.
  State longer(const State& state, std::string_view end) const {
    if (state.kind == Kind::other || state.kind == Kind::gone || known_.empty()) return {Kind::gone, 0, 0, {}};
    const std::string_view begin = known_[state.example].substr(0, state.length);
    const auto at = std::lower_bound(known_.begin() + state.example, known_.end(), end,
                                     [&](std::string_view known, std::string_view sought) {
                                       return known.starts_with(begin) && known.substr(begin.size()) < sought;
                                     });
    if (at == known_.end() || !at->starts_with(begin) || !at->substr(begin.size()).starts_with(end))
      return {Kind::gone, 0, 0, {}};
    return {Kind::text,
            static_cast<std::uint32_t>(at - known_.begin()),
            static_cast<std::uint32_t>(begin.size() + end.size()),
            {}};
  }

  // Many stores answer "" for a key that is absent.
  bool holds(const State& state, Value value) const {
    if (!value.is(Value::Kind::text))
      return value.is_nil() ? state.kind == Kind::absent : state.kind == Kind::other && state.value == value;
    const std::string_view text = history_->values.text_of(value);
    if (state.kind == Kind::absent) return text.empty();
    return state.kind == Kind::text && state.length == text.size() &&
           known_[state.example].substr(0, state.length) == text;
  }

  const History* history_;
  std::optional<std::string> initial_;
  std::vector<std::string_view> known_;  // all that answers and comparisons say, sorted
};

Result<CheckResult> check_key_value(const History& history, const Request& request) {
  const std::string_view initial = request.parameter("initial").value_or(kAbsent);
  const auto text = initial == kAbsent ? std::nullopt : std::optional(std::string(initial));
  return check_model(history, request, KeyValue(history, text), {.name = "key-value"});
}

}  // namespace

const ModelKind kKeyValue{"key-value",
                          "a store of texts: get, put, append, cas [expected new], delete; \"\" reads as absent",
                          {"linearizable", "sequential"},
                          {{"initial", "the text every key holds at first", kAbsent}},
                          check_key_value};

}  // namespace fracas::checker
