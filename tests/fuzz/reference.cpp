#include "tests/fuzz/reference.h"

#include <algorithm>

namespace fracas::fuzz {
namespace {

using checker::Function;
using checker::History;
using checker::Operation;
using checker::Outcome;
using checker::Value;

std::vector<Value> elements(const History& history, Value value) {
  if (!value.is(Value::Kind::list)) return {};
  const auto list = history.values.elements_of(value);
  return {list.begin(), list.end()};
}

bool apply_register(const History& history, const Operation& operation, State& state) {
  if (operation.function == Function::read)
    return operation.outcome != Outcome::ok || state.front() == operation.result;
  if (operation.function == Function::write) {
    state.front() = operation.argument;
    return true;
  }
  const auto pair = elements(history, operation.argument);
  const bool matches = state.front() == pair[0];
  if (operation.outcome == Outcome::fail) return !matches;
  if (matches) state.front() = pair[1];
  return matches;
}

bool apply_list(const History& history, const Operation& operation, State& state) {
  if (operation.function == Function::append) {
    state.push_back(operation.argument);
    return true;
  }
  return operation.outcome != Outcome::ok || elements(history, operation.result) == state;
}

// A text of single letters: "write" replaces it, "append" lengthens it.
bool apply_text(const History& history, const Operation& operation, State& state) {
  if (operation.function == Function::read) {
    std::string text;
    for (const Value letter : state) text += history.values.text_of(letter);
    const bool absent = operation.result.is_nil();
    return operation.outcome != Outcome::ok ||
           (absent ? state.empty() : history.values.text_of(operation.result) == text);
  }
  if (operation.function != Function::append) state.clear();
  const bool nothing = operation.function == Function::del || operation.argument.is_nil();
  if (!nothing) state.push_back(operation.argument);
  return true;
}

// What is taken is what came first, or what came last; nil from an empty one.
bool apply_container(const Operation& operation, State& state, bool last) {
  if (operation.function == Function::enqueue || operation.function == Function::push) {
    state.push_back(operation.argument);
    return true;
  }
  const Value next = state.empty() ? Value{} : last ? state.back() : state.front();
  if (operation.outcome == Outcome::ok && operation.result != next) return false;
  if (!state.empty()) state.erase(last ? state.end() - 1 : state.begin());
  return true;
}

bool apply_counter(const History&, const Operation& operation, State& state) {
  const std::int64_t held = state.front().integer();
  if (operation.function == Function::read)
    return operation.outcome != Outcome::ok || operation.result == state.front() ||
           (operation.result.is_nil() && held == 0);
  const std::int64_t amount = operation.argument.is_nil() ? 1 : operation.argument.integer();
  state.front() = Value::of(held + amount);
  return true;
}

class EveryOrder {
 public:
  EveryOrder(const History& history, const Reference& reference, bool mismatch)
      : history_(history), reference_(reference) {
    for (const Operation& each : history.operations)
      if (each.outcome != Outcome::fail || (mismatch && each.function == Function::cas)) left_.push_back(&each);
  }

  bool fits(const State& state) {
    if (std::all_of(left_.begin(), left_.end(), [](auto* each) { return each->outcome == Outcome::info; })) return true;
    for (std::size_t i = 0; i < left_.size(); ++i)
      if (may_be_next(*left_[i]) && fits_after(i, state)) return true;
    return false;
  }

 private:
  bool may_be_next(const Operation& next) const {
    return std::none_of(left_.begin(), left_.end(), [&](auto* other) { return other->return_ns < next.invoke_ns; });
  }

  bool fits_after(std::size_t i, State state) {
    const Operation* next = left_[i];
    if (!reference_.apply(history_, *next, state)) return false;
    left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(i));
    const bool found = fits(state);
    left_.insert(left_.begin() + static_cast<std::ptrdiff_t>(i), next);
    return found;
  }

  const History& history_;
  const Reference& reference_;
  std::vector<const Operation*> left_;
};

}  // namespace

std::vector<Reference> references() {
  const Question read{"read", Shape::nothing, Shape::value};
  const Question write{"write", Shape::value, Shape::value};
  const State nil{Value{}};
  return {
      {"register", {read, write}, nil, apply_register},
      {"cas-register", {read, write, {"cas", Shape::pair, Shape::pair}}, nil, apply_register},
      {"list-append", {{"read", Shape::nothing, Shape::list}, {"append", Shape::value, Shape::value}}, {}, apply_list},
      {"key-value",
       {{"get", Shape::nothing, Shape::letter},
        {"append", Shape::letter, Shape::letter},
        {"put", Shape::letter, Shape::letter},
        {"delete", Shape::nothing, Shape::nothing}},
       {},
       apply_text},
      {"fifo-queue",
       {{"enqueue", Shape::value, Shape::value}, {"dequeue", Shape::nothing, Shape::value}},
       {},
       [](const History&, const Operation& operation, State& state) {
         return apply_container(operation, state, false);
       }},
      {"stack",
       {{"push", Shape::value, Shape::value}, {"pop", Shape::nothing, Shape::value}},
       {},
       [](const History&, const Operation& operation, State& state) {
         return apply_container(operation, state, true);
       }},
      {"counter", {read, {"add", Shape::value, Shape::value}}, {Value::of(std::int64_t{0})}, apply_counter},
  };
}

bool some_order_fits(const History& history, const Reference& reference, bool mismatch) {
  return EveryOrder(history, reference, mismatch).fits(reference.initial);
}

}  // namespace fracas::fuzz
