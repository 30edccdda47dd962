#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "checker/history/history.h"
#include "checker/models/sequential_model.h"

namespace fracas::checker::tests {

// A register and a list as anybody would write them: the engines for these types must say the same.
struct PlainRegister {
  using State = checker::Value;
  const History* history;

  State initial() const { return {}; }
  Result<void> accept(const Operation& operation) const {
    if (operation.function == checker::Function::append) return failure("no append");
    return {};
  }
  bool apply(const ModelCall& call, State& state) const {
    if (call.function == checker::Function::read) return !call.answered || call.result == state;
    if (call.function == checker::Function::write) {
      state = call.argument;
      return true;
    }
    const auto pair = history->values.elements_of(call.argument);
    if (call.answered && (state == pair[0]) == call.failed) return false;
    if (state == pair[0]) state = pair[1];
    return true;
  }
};

struct PlainList {
  using State = std::vector<checker::Value>;
  const History* history;

  State initial() const { return {}; }
  Result<void> accept(const Operation&) const { return {}; }
  bool apply(const ModelCall& call, State& state) const {
    if (call.function == checker::Function::append) {
      state.push_back(call.argument);
      return true;
    }
    if (!call.answered) return true;
    const auto seen =
        call.result.is_nil() ? std::span<const checker::Value>{} : history->values.elements_of(call.result);
    return std::equal(seen.begin(), seen.end(), state.begin(), state.end());
  }
};

}  // namespace fracas::checker::tests
