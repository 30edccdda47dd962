#include "tests/fuzz/reference.h"

#include <algorithm>
#include <set>
#include <utility>

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

bool happened(const Operation& operation, bool mismatch) {
  return operation.outcome != Outcome::fail || (mismatch && operation.function == Function::cas);
}

class EveryOrder {
 public:
  EveryOrder(const History& history, const Reference& reference, std::vector<const Operation*> operations)
      : history_(history), reference_(reference), operations_(std::move(operations)) {}

  // After the operations of the set `done`, which led to `state`.
  bool fits(unsigned done, const State& state) {
    bool required_left = false;
    for (unsigned i = 0; i < operations_.size(); ++i)
      required_left = required_left || (!has(done, i) && operations_[i]->outcome != Outcome::info);
    if (!required_left) return true;
    if (!tried_.emplace(done, state).second) return false;
    for (unsigned i = 0; i < operations_.size(); ++i) {
      if (has(done, i) || !may_be_next(done, i)) continue;
      State after = state;
      if (reference_.apply(history_, *operations_[i], after) && fits(done | 1U << i, after)) return true;
    }
    return false;
  }

 private:
  static bool has(unsigned set, unsigned i) { return (set >> i & 1U) != 0; }

  bool may_be_next(unsigned done, unsigned next) const {
    for (unsigned i = 0; i < operations_.size(); ++i)
      if (!has(done, i) && operations_[i]->return_ns < operations_[next]->invoke_ns) return false;
    return true;
  }

  const History& history_;
  const Reference& reference_;
  std::vector<const Operation*> operations_;
  std::set<std::pair<unsigned, State>> tried_;
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

bool some_order_fits(const History& history, const Reference& reference, bool mismatch, const Choice& choice) {
  std::vector<const Operation*> operations;
  for (const Operation& each : history.operations)
    if (happened(each, mismatch) && (!choice || choice(each))) operations.push_back(&each);
  return EveryOrder(history, reference, std::move(operations)).fits(0, reference.initial);
}

std::string refute_order(const History& history, const Reference& reference, bool mismatch,
                         std::span<const std::uint32_t> invocations) {
  std::vector<const Operation*> order;
  for (const std::uint32_t number : invocations)
    for (const Operation& each : history.operations)
      if (each.invoke + 1 == number) order.push_back(&each);
  if (order.size() != invocations.size()) return "it names an operation that is none";
  for (const Operation& each : history.operations) {
    const auto times = std::count(order.begin(), order.end(), &each);
    if (times > 1) return "an operation is in it twice";
    if (times == 0 && each.outcome != Outcome::info && happened(each, mismatch)) return "it lacks an operation";
    if (times == 1 && !happened(each, mismatch)) return "an operation is in it that did not happen";
  }
  State state = reference.initial;
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t later = i + 1; later < order.size(); ++later)
      if (order[later]->return_ns < order[i]->invoke_ns) return "it contradicts real time";
    if (!reference.apply(history, *order[i], state)) return "an answer does not fit";
  }
  return {};
}

}  // namespace fracas::fuzz
