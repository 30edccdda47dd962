#include "checker/structures/sequential_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace fracas::checker {
namespace {

bool says_otherwise(const ModelCall& call, Value answer) {
  return call.answered && !call.failed && call.result != answer;
}

// Lengths may be left out of an answer.
bool says_other_length(const ModelCall& call, std::size_t length) {
  return call.answered && !call.result.is_nil() && call.result != Value::of(static_cast<std::int64_t>(length));
}

constexpr std::size_t kElementsShown = 8;

std::string describe_elements(const History& history, std::span<const Value> elements) {
  std::string text;
  for (const Value element : elements.first(std::min(elements.size(), kElementsShown)))
    text += (text.empty() ? "" : " ") + history.describe(element);
  if (elements.size() > kElementsShown) text += fmt::format(" … ({} elements)", elements.size());
  return '[' + text + ']';
}

class ContainerObject {
 public:
  using State = std::vector<Value>;  // in the order they came in, or the least first

  ContainerObject(const History& history, const ContainerFunctions& functions, Discipline discipline)
      : history_(&history), functions_(functions), discipline_(discipline) {}

  State initial() const { return {}; }
  std::string describe(const State& state) const { return describe_elements(*history_, state); }
  bool conditional(Function function) const { return function == functions_.take; }
  bool pure(const ModelCall& call) const {
    const bool found_nothing = call.function == functions_.take && call.answered && call.result.is_nil();
    return call.failed || found_nothing || call.function == Function::peek || call.function == Function::length;
  }

  Result<void> accept(const Operation& operation) const {
    if (operation.function == functions_.put || operation.function == functions_.take ||
        operation.function == Function::peek || operation.function == Function::length)
      return {};
    return failure(fmt::format("{} is not a function of this model", history_->functions.name(operation.function)));
  }

  bool apply(const ModelCall& call, State& state) const {
    if (call.function == Function::length) return !says_other_length(call, state.size());
    if (call.function == functions_.put) {
      state.insert(place_of(call.argument, state), call.argument);
      return true;
    }
    const auto next = discipline_ == Discipline::last_in && !state.empty() ? state.end() - 1 : state.begin();
    const Value found = state.empty() ? Value{} : *next;
    if (call.failed) return state.empty();
    if (says_otherwise(call, found)) return false;
    if (call.function == functions_.take && !state.empty()) state.erase(next);
    return true;
  }

 private:
  State::iterator place_of(Value value, State& state) const {
    if (discipline_ != Discipline::least) return state.end();
    return std::upper_bound(state.begin(), state.end(), value,
                            [](Value a, Value b) { return a.integer() < b.integer(); });
  }

  const History* history_;
  ContainerFunctions functions_;
  Discipline discipline_;
};

class SetObject {
 public:
  using State = std::vector<Value>;  // sorted

  explicit SetObject(const History& history) : history_(&history) {}

  State initial() const { return {}; }
  std::string describe(const State& state) const { return describe_elements(*history_, state); }
  bool conditional(Function) const { return false; }
  bool pure(const ModelCall& call) const { return call.function != Function::add && call.function != Function::remove; }

  Result<void> accept(const Operation& operation) const {
    if (operation.function == Function::add || operation.function == Function::remove ||
        operation.function == Function::read || operation.function == Function::length ||
        history_->functions.name(operation.function) == "contains")
      return {};
    return failure(fmt::format("{} is not a function of a set", history_->functions.name(operation.function)));
  }

  bool apply(const ModelCall& call, State& state) const {
    if (call.function == Function::length) return !says_other_length(call, state.size());
    if (call.function == Function::read) return !call.answered || is_all(call.result, state);
    const auto at = std::lower_bound(state.begin(), state.end(), call.argument);
    const bool there = at != state.end() && *at == call.argument;
    const bool adds = call.function == Function::add;
    if (!adds && call.function != Function::remove) return !says_otherwise(call, Value::of(there));
    if (call.answered && call.result.is(Value::Kind::boolean) && call.result.boolean() == (adds == there)) return false;
    if (adds && !there) state.insert(at, call.argument);
    if (!adds && there) state.erase(at);
    return true;
  }

 private:
  bool is_all(Value list, const State& state) const {
    if (list.is_nil()) return state.empty();
    const auto seen = history_->values.elements_of(list);
    std::vector<Value> sorted(seen.begin(), seen.end());
    std::sort(sorted.begin(), sorted.end());
    return sorted == state;
  }

  const History* history_;
};

class CounterObject {
 public:
  using State = std::int64_t;

  CounterObject(const History& history, std::int64_t initial) : history_(&history), initial_(initial) {}

  State initial() const { return initial_; }
  std::string describe(const State& state) const { return std::to_string(state); }
  bool conditional(Function) const { return false; }

  Result<void> accept(const Operation& operation) const {
    if (operation.function == Function::read || operation.function == Function::add ||
        operation.function == Function::decrement)
      return {};
    return failure(fmt::format("{} is not a function of a counter", history_->functions.name(operation.function)));
  }

  bool apply(const ModelCall& call, State& state) const {
    const std::int64_t amount = call.argument.is_nil() ? 1 : call.argument.integer();
    if (call.function == Function::read)
      return !says_otherwise(call, Value::of(state)) || (call.result.is_nil() && state == 0);
    state += call.function == Function::add ? amount : -amount;
    return true;
  }

 private:
  const History* history_;
  std::int64_t initial_;
};

}  // namespace

AnyModel container_model(const History& history, const ContainerFunctions& functions, Discipline discipline) {
  return any_model(ContainerObject(history, functions, discipline));
}

AnyModel set_model(const History& history) {
  return any_model(SetObject(history));
}

AnyModel counter_model(const History& history, std::int64_t initial) {
  return any_model(CounterObject(history, initial));
}

}  // namespace fracas::checker
