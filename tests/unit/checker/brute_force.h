#pragma once
#include <vector>

#include "checker/history/operations.h"

// Tries every order: slow, obvious, and written without a look at the engines.
namespace fracas::checker::tests {

class BruteForce {
 public:
  BruteForce(const PairedOperations& operations, const std::vector<std::uint32_t>& key) : operations_(operations) {
    for (const std::uint32_t index : key) left_.push_back(&operations.all[index]);
  }

  // `initial`: nil, or the empty list.
  bool linearizable(const model::Value& initial) { return extend(initial); }

 private:
  // True when the remaining operations can follow a register or list that holds `state`.
  bool extend(const model::Value& state) {
    bool required_left = false;
    for (const PairedOperation* operation : left_) required_left = required_left || operation->outcome == Outcome::ok;
    if (!required_left) return true;
    for (std::size_t i = 0; i < left_.size(); ++i) {
      const PairedOperation* next = left_[i];
      if (!may_be_next(*next)) continue;
      model::Value after = state;
      if (!apply(*next, after)) continue;
      left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(i));
      const bool found = extend(after);
      left_.insert(left_.begin() + static_cast<std::ptrdiff_t>(i), next);
      if (found) return true;
    }
    return false;
  }

  bool may_be_next(const PairedOperation& next) const {
    for (const PairedOperation* other : left_)
      if (other->return_ns < next.invoke_ns) return false;
    return true;
  }

  bool apply(const PairedOperation& operation, model::Value& state) const {
    const model::Value& argument = operations_.argument(operation);
    switch (operation.function) {
      case model::Function::read:
        return operation.outcome != Outcome::ok || operations_.result(operation) == state;
      case model::Function::write:
        state = argument;
        return true;
      case model::Function::cas: {
        const auto pair = std::get<std::pair<std::int64_t, std::int64_t>>(argument);
        if (state != model::Value{pair.first}) return false;
        state = pair.second;
        return true;
      }
      case model::Function::append:
        break;
    }
    std::get<std::vector<std::int64_t>>(state).push_back(std::get<std::int64_t>(argument));
    return true;
  }

  const PairedOperations& operations_;
  std::vector<const PairedOperation*> left_;
};

}  // namespace fracas::checker::tests
