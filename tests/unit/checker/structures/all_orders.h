#pragma once
#include <set>
#include <utility>

#include "tests/unit/checker/structures/machine.h"

namespace fracas::checker::tests {

// Tries every order of a small history of one object: the definition of linearizability, and nothing else.
class AllOrders {
 public:
  AllOrders(History& history, Object object)
      : operations_(history.operations), object_(object), machine_(object, history.values) {
    if (object == Object::log) tell_offsets(history.values);
  }

  bool linearizable() { return place(0, Machine::start(object_)); }

 private:
  bool place(std::uint64_t placed, const Contents& contents) {
    if (!seen_.emplace(placed, contents).second) return false;
    bool done = true;
    for (std::size_t i = 0; i < operations_.size(); ++i) done = done && (is(placed, i) || !required(i));
    if (done) return true;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      if (is(placed, i) || operations_[i].outcome == Outcome::fail || !first(placed, i)) continue;
      Contents next = contents;
      const auto answer = machine_.step(operations_[i], next);
      if (!answer || (required(i) && answers(i) && *answer != operations_[i].result)) continue;
      if (place(placed | std::uint64_t{1} << i, next)) return true;
    }
    return false;
  }

  static bool is(std::uint64_t placed, std::size_t i) { return (placed >> i & 1U) != 0; }
  bool required(std::size_t i) const { return operations_[i].outcome == Outcome::ok; }
  // Whether its answer says anything.
  bool answers(std::size_t i) const {
    const Operation& operation = operations_[i];
    switch (operation.function) {
      case Function::enqueue:
      case Function::push:
      case Function::insert:
      case Function::release:
      case Function::append:
      case Function::decrement:
        return false;
      case Function::acquire:
        return object_ == Object::fenced_lock;
      case Function::add:
      case Function::remove:
        return operation.result.is(Value::Kind::boolean);
      default:
        return true;
    }
  }
  bool first(std::uint64_t placed, std::size_t i) const {
    for (std::size_t j = 0; j < operations_.size(); ++j)
      if (!is(placed, j) && required(j) && operations_[j].return_ns < operations_[i].invoke_ns) return false;
    return true;
  }

  // An append without an answer has the offset at which its value was read; one that nobody read need not have been.
  void tell_offsets(const Values& values) {
    for (Operation& append : operations_) {
      if (append.function != Function::append || append.outcome == Outcome::ok) continue;
      append.result = {};
      for (const Operation& poll : operations_) {
        if (poll.function != Function::poll || poll.outcome != Outcome::ok) continue;
        for (const Value pair : values.elements_of(poll.result))
          if (values.elements_of(pair)[1] == append.argument) append.result = values.elements_of(pair)[0];
      }
    }
  }

  LargeVector<Operation> operations_;
  Object object_;
  Machine machine_;
  std::set<std::pair<std::uint64_t, Contents>> seen_;
};

// Replays an order of operations: every answer is the object's, nobody comes after what returned before it began,
// and all that were acknowledged are there.
inline bool replays(History& history, Object object, const std::vector<std::uint32_t>& order) {
  Machine machine(object, history.values);
  Contents contents = Machine::start(object);
  std::int64_t began = std::numeric_limits<std::int64_t>::min();
  std::set<std::uint32_t> placed;
  for (const std::uint32_t index : order) {
    const Operation& operation = history.operations[index];
    began = std::max(began, operation.invoke_ns);
    const auto answer = machine.step(operation, contents);
    const bool says = operation.outcome == Outcome::ok && operation.function == Function::read;
    if (operation.return_ns < began || !answer || (says && *answer != operation.result)) return false;
    if (!placed.insert(index).second || operation.outcome == Outcome::fail) return false;
  }
  for (std::uint32_t i = 0; i < history.operations.size(); ++i)
    if (history.operations[i].outcome == Outcome::ok && !placed.contains(i)) return false;
  return true;
}

}  // namespace fracas::checker::tests
