#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "checker/history/fail_means.h"
#include "checker/history/history.h"
#include "checker/models/state_space.h"
#include "lib/base/result.h"

// One key's operations in the form the engines work on: states are small numbers, whatever the model's values are.
namespace fracas::checker {

inline constexpr State kInitial = 0;                                            // nil, or the empty list
inline constexpr State kElsewhere = std::numeric_limits<std::uint32_t>::max();  // a list that no read returned

enum class CallKind : std::uint8_t {
  read,
  write,
  cas,       // one that succeeded, or whose outcome is unknown
  mismatch,  // a compare-and-set that saw another state than the expected one
  append,
  step,  // whatever a sequential model says: StateSpace::step
};

// What a sequential model says about one of its calls, whatever the state (checker/models/sequential_model.h).
enum StepTraits : State { kPureStep = 1, kTotalStep = 2, kConstantStep = 4 };

struct Call {
  std::int64_t invoke_ns = 0;
  std::int64_t return_ns = kNever;
  State first = 0;   // read: the state it saw; write: the new state; cas and mismatch: the expected state; append: the
                     // element's number
  State second = 0;  // cas: the new state; step: bits of StepTraits
  std::uint32_t operation = 0;  // index into History::operations
  CallKind kind = CallKind::read;
  bool required = false;  // acknowledged: has to take effect before it returns. Otherwise it may, by then, or never.
};

// Calls are in the order of their invocations. Reads without a known result and operations that did not happen are left
// out: they constrain nothing.
struct Problem {
  LargeVector<Call> calls;
  State states = 1;                     // states are 0 … states-1, and kElsewhere
  std::vector<State> starts{kInitial};  // the states the key may hold before the first call
  // Lists only: the lists that reads returned and their prefixes form a tree; an append leads from a node to its child.
  std::unordered_map<std::uint64_t, State> children;  // by parent << 32 | element
  std::vector<std::int64_t> element_used_until;       // by element: the last return of a read that holds it

  StateSpace* space = nullptr;  // sequential models only; borrowed

  // The state after `call` in `state`, or nothing where it cannot happen there.
  std::optional<State> step(const Call& call, State state) const {
    switch (call.kind) {
      case CallKind::read:
        return state == call.first ? std::optional(state) : std::nullopt;
      case CallKind::write:
        return call.first;
      case CallKind::cas:
        return state == call.first ? std::optional(call.second) : std::nullopt;
      case CallKind::mismatch:
        return state != call.first ? std::optional(state) : std::nullopt;
      case CallKind::step:
        break;
      case CallKind::append:
        return longer(state, call.first);
    }
    const State to = space->step(state, call.first);
    return to != kNoState ? std::optional(to) : std::nullopt;
  }

 private:
  State longer(State list, State element) const;
};

// The state a register call leads to and the one it needs, where it has one; kElsewhere where not. A compare-and-set
// of a value with itself only needs it, like a read.
inline State produced(const Call& call) {
  if (call.kind == CallKind::write) return call.first;
  return call.kind == CallKind::cas && call.first != call.second ? call.second : kElsewhere;
}
inline State observed(const Call& call) {
  return call.kind == CallKind::write || call.kind == CallKind::mismatch ? kElsewhere : call.first;
}
// Calls that leave every state as it is.
inline bool is_pure(const Call& call) {
  if (call.kind == CallKind::step) return (call.second & kPureStep) != 0;
  return call.kind == CallKind::read || call.kind == CallKind::mismatch;
}
// Whether such a call's answer fits the state of a register.
inline bool fits(const Call& pure, State state) {
  return (pure.kind == CallKind::read) == (pure.first == state);
}
// Calls that change states and fit all of them.
inline bool is_total(const Call& call) {
  if (call.kind == CallKind::step) return (call.second & kTotalStep) != 0;
  return call.kind == CallKind::write || call.kind == CallKind::append;
}
// Calls that fit every state and lead from all to the same one.
inline bool is_constant(const Call& call) {
  if (call.kind == CallKind::step) return (call.second & kConstantStep) != 0;
  return call.kind == CallKind::write;
}

struct RegisterRules {
  bool cas = false;  // whether there is a compare-and-set
  FailMeans fail = FailMeans::did_not_happen;
  std::optional<Value> initial = Value{};  // what it holds at first; none = something that no operation names
};

// `key` lists operations of one key. ERRORS: "event N: …" where an operation or its value is not of the model.
Result<Problem> compile_register(const History& history, std::span<const std::uint32_t> key,
                                 const RegisterRules& rules);
Result<Problem> compile_lists(const History& history, std::span<const std::uint32_t> key);

}  // namespace fracas::checker
