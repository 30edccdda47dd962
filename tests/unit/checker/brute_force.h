#pragma once
#include <span>
#include <vector>

#include "checker/history/history.h"

// Tries every order: slow, obvious, and written without a look at the engines.
namespace fracas::checker::tests {

class BruteForce {
 public:
  // `mismatch`: a failed cas took place and saw another value; else it did not happen. Other failures never happen.
  BruteForce(const History& history, std::span<const std::uint32_t> key, bool mismatch = false) : history_(history) {
    for (const std::uint32_t index : key) {
      const Operation& operation = history.operations[index];
      const bool seen = mismatch && operation.function == checker::Function::cas;
      if (operation.outcome != Outcome::fail || seen) left_.push_back(&operation);
    }
  }

  // From one value that a register holds, or the elements of a list.
  bool linearizable(const std::vector<checker::Value>& initial) { return extend(initial); }

 private:
  using State = std::vector<checker::Value>;

  // True when the remaining operations can follow a register or list that holds `state`.
  bool extend(const State& state) {
    bool required_left = false;
    for (const Operation* operation : left_) required_left = required_left || operation->outcome != Outcome::info;
    if (!required_left) return true;
    for (std::size_t i = 0; i < left_.size(); ++i) {
      const Operation* next = left_[i];
      if (!may_be_next(*next)) continue;
      State after = state;
      if (!apply(*next, after)) continue;
      left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(i));
      const bool found = extend(after);
      left_.insert(left_.begin() + static_cast<std::ptrdiff_t>(i), next);
      if (found) return true;
    }
    return false;
  }

  bool may_be_next(const Operation& next) const {
    for (const Operation* other : left_)
      if (other->return_ns < next.invoke_ns) return false;
    return true;
  }

  bool reads(const Operation& read, const State& state) const {
    if (read.outcome != Outcome::ok) return true;
    if (!read.result.is(checker::Value::Kind::list)) return state.size() == 1 && state[0] == read.result;
    const auto list = history_.values.elements_of(read.result);
    return State(list.begin(), list.end()) == state;
  }

  bool apply(const Operation& operation, State& state) const {
    if (operation.function == checker::Function::read) return reads(operation, state);
    if (operation.function == checker::Function::write) {
      state = {operation.argument};
      return true;
    }
    if (operation.function == checker::Function::append) {
      state.push_back(operation.argument);
      return true;
    }
    const auto pair = history_.values.elements_of(operation.argument);
    const bool matches = state[0] == pair[0];
    if (operation.outcome == Outcome::fail) return !matches;
    state[0] = pair[1];
    return matches;
  }

  const History& history_;
  std::vector<const Operation*> left_;
};

}  // namespace fracas::checker::tests
