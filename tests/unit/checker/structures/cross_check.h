#pragma once
#include <fmt/format.h>

#include <string>

#include "checker/explain/lanes.h"
#include "checker/explain/text.h"
#include "tests/unit/checker/structures/all_orders.h"
#include "tests/unit/checker/structures/decide_object.h"
#include "tests/unit/checker/structures/random_object.h"

// The models against the definition; the unit tests run thousands of histories, the soak a million each.
namespace fracas::checker::tests {

struct Family {
  const char* name;
  RandomObjectOptions options;
  bool undecided = false;  // now and then it may be
};

inline constexpr Family kFamilies[]{
    {"fifo queue", {.object = Object::fifo_queue, .falsify = 0.1}},
    {"fifo queue, many unknown outcomes", {.object = Object::fifo_queue, .clients = 4, .info = 0.35}},
    {"fifo queue, all known", {.object = Object::fifo_queue, .clients = 4, .operations = 10, .info = 0}},
    {"fifo queue, repeated values and looks", {.object = Object::fifo_queue, .repeat = true, .look = 0.2}},
    {"stack", {.object = Object::stack, .falsify = 0.1}},
    {"stack, many unknown outcomes", {.object = Object::stack, .clients = 4, .info = 0.35}},
    {"stack, all known", {.object = Object::stack, .clients = 4, .operations = 10, .info = 0}},
    {"stack, repeated values and looks", {.object = Object::stack, .repeat = true, .look = 0.2}},
    {"priority queue", {.object = Object::priority_queue, .falsify = 0.1}},
    {"priority queue, many unknown outcomes", {.object = Object::priority_queue, .clients = 4, .info = 0.35}},
    {"priority queue, all known", {.object = Object::priority_queue, .clients = 4, .operations = 10, .info = 0}},
    {"priority queue, repeated values and looks", {.object = Object::priority_queue, .repeat = true, .look = 0.2}},
    {"semaphore", {.object = Object::semaphore, .clients = 5, .falsify = 0.6}},
    {"fenced lock", {.object = Object::fenced_lock, .info = 0.1, .falsify = 0.1}},
    {"lock without tokens",
     {.object = Object::plain_lock, .clients = 4, .info = 0.3, .falsify = 0.6, .go_on = 0.1},
     true},
    {"counter", {.object = Object::counter, .clients = 4, .info = 0.2, .falsify = 0.2}},
    {"counter, several amounts", {.object = Object::counter, .info = 0.2, .falsify = 0.2, .shrink = 0.2}},
    {"set", {.object = Object::set, .clients = 4, .info = 0.2, .falsify = 0.3}},
    {"set, elements added again", {.object = Object::set, .clients = 4, .info = 0.3, .falsify = 0.3, .repeat = true}},
    {"set, elements removed",
     {.object = Object::set, .info = 0.2, .falsify = 0.2, .repeat = true, .look = 0.4, .shrink = 0.3}},
    {"log", {.object = Object::log, .clients = 4, .info = 0.2, .falsify = 0.2, .go_on = 0.3}},
};

struct Tally {
  std::uint64_t linearizable = 0, violated = 0, undecided = 0;
};

inline std::string table(const History& history) {
  Counterexample shown;
  for (const Operation& operation : history.operations) shown.operations.push_back(show(history, operation));
  return fmt::format("{}", fmt::join(render_operations(shown), "\n"));
}

// Whether what the counterexample shows is impossible by itself.
inline bool impossible_alone(History& history, const Counterexample& example, Object object) {
  LargeVector<Operation> few;
  for (const Operation& operation : history.operations)
    for (const ShownOperation& shown : example.operations)
      if (shown.client == history.processes[operation.process] && shown.invoke_ns == operation.invoke_ns)
        few.push_back(operation);
  few.swap(history.operations);
  const bool possible = AllOrders(history, object).linearizable();
  few.swap(history.operations);
  return !possible;
}

// What is wrong with the answer to one random history; empty where nothing is.
inline std::string cross_check(const Family& family, std::uint64_t seed, Tally& tally) {
  const Object object = family.options.object;
  History history = RandomObject(family.options, RandomStream(seed, family.name)).make();
  const CheckResult result = judge_object(history, object);
  const bool expected = AllOrders(history, object).linearizable();
  ++(expected ? tally.linearizable : tally.violated);
  std::string wrong;
  if (result.verdict == Verdict::undecided && family.undecided) {
    ++tally.undecided;
    return {};
  }
  if (result.verdict != (expected ? Verdict::pass : Verdict::violated))
    wrong = fmt::format("it is {}linearizable", expected ? "" : "not ");
  else if (const auto witness = witness_of(history, object);
           expected && !witness.empty() && !replays(history, object, witness))
    wrong = "the witness does not replay";
  else if (!expected && !impossible_alone(history, *result.counterexample, object))
    wrong = "what is shown is possible by itself";
  if (wrong.empty()) return {};
  return fmt::format("{}, seed {}: {}; said: {}\n{}\n", family.name, seed, wrong, result.summary, table(history));
}

}  // namespace fracas::checker::tests
