#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "checker/history/history.h"
#include "lib/base/result.h"

// How to teach the checker a data type: write the object as if only one client used it, one operation after another.
// The search, the budgets, partitioning, threads and explanations come with check_model()
// (checker/linearizability/check_model.h). A whole model is this:
//
//   struct Counter {
//     using State = std::int64_t;
//     State initial() const { return 0; }
//     Result<void> accept(const Operation& operation) const;  // is it a read or an add of an integer?
//     bool apply(const ModelCall& call, State& state) const {
//       if (call.function == Function::read) return !call.answered || call.result == Value::of(state);
//       state += call.argument.integer();
//       return true;
//     }
//   };
namespace fracas::checker {

// One operation as a model sees it.
struct ModelCall {
  Value key;
  Value argument;
  Value result;  // nil unless answered
  Function function = Function::read;
  bool answered = false;  // its result is known. False for an operation of unknown outcome: every answer is possible
  bool failed = false;    // it took place, and saw that its condition does not hold

  bool operator==(const ModelCall&) const = default;
};

// A model is a value: copies are equal, and its functions may be called from several threads at once. It may refer to
// the history (for texts and lists: History::values), which outlives it.
//
//   State            small, copyable, comparable: an integer, a Value, a std::string, or a std::vector or pair of such,
//                    or a type with `std::size_t hash() const`. Equal states must compare equal: keep sets sorted.
//   initial()        what every group of operations starts from.
//   accept(op)       ERRORS: why the operation is not of the model, without its place: "the model \"set\" has no
//   \"cas\"".
//                    Called for every operation, also for those that failed.
//   apply(call, s)   false where the call cannot happen in `s` with this answer (`s` may then hold anything); else `s`
//                    becomes the state after it. The same call in the same state always does the same. REQUIRES of the
//                    caller: accept() said yes.
//
// More are optional; they say no more than apply() does, and make the search faster:
//   conditional(f)   true where a failed `f` may have seen that its condition does not hold: only such a call is passed
//                    on with `failed`, and only if the user asked for FailMeans::mismatch. Default: cas alone.
//   total(call)      true where the call fits every state. Default: never.
//   constant(call)   true where it fits every state and leads from all to the same one, like a write. Default: never.
//   knowing(calls)   the model for a group of operations of which these are all distinct calls: it may treat states
//                    that none of them tells apart as one.
//   pure(call)       true where the call never changes any state it fits: the search is much faster for such calls, and
//                    leaves them out where their answer is unknown. Default: read, peek, length, and failed calls.
//   describe(s)      what is held, for the explanation of a violation: "[1 2]".
template <typename Model>
concept SequentialModel = std::copyable<typename Model::State> && std::equality_comparable<typename Model::State> &&
    requires(const Model& model, typename Model::State& state, const ModelCall& call, const Operation& operation) {
  { model.initial() } -> std::same_as<typename Model::State>;
  { model.accept(operation) } -> std::same_as<Result<void>>;
  { model.apply(call, state) } -> std::same_as<bool>;
};

template <typename State>
std::size_t hash_of(const State& state) {
  if constexpr (requires {
                  { state.hash() } -> std::same_as<std::size_t>;
                }) {
    return state.hash();
  } else if constexpr (requires { state.first, state.second; }) {
    return hash_of(state.first) * 0x9E3779B97F4A7C15U + hash_of(state.second);
  } else if constexpr (requires { state.begin(), state.size(); } && !std::is_same_v<State, std::string>) {
    std::size_t hash = state.size();
    for (const auto& element : state) hash = (hash ^ hash_of(element)) * 0x9E3779B97F4A7C15U + (hash >> 31U);
    return hash;
  } else {
    return std::hash<State>{}(state);
  }
}

// About how many bytes of the heap the state holds.
template <typename State>
std::size_t heap_bytes_of(const State& state) {
  if constexpr (requires { state.capacity(), *state.begin(); }) return state.capacity() * sizeof(*state.begin());
  return 0;
}

}  // namespace fracas::checker
