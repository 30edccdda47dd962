#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "checker/history/history.h"
#include "checker/model_kind.h"
#include "checker/structures/decision.h"
#include "checker/structures/interval.h"
#include "lib/base/result.h"

// A container seen from its values: what queues, stacks and priority queues have in common.
namespace fracas::checker {

// One value that was put in once and taken out at most once.
struct Lifetime {
  Value value;
  Interval put, take{kNever, kNever};  // `take` from kNever on: nobody is known to have taken it
  std::uint32_t put_operation = kNone;
  std::uint32_t take_operation = kNone;

  bool taken() const { return take_operation != kNone; }
};

// A take that found nothing, or (in `unknown`) one that may have taken something: then `at.to` is kNever.
struct OtherTake {
  Interval at;
  std::uint32_t operation = kNone;
};

struct Lifetimes {
  LargeVector<Lifetime> values;     // all that were taken, and all that were surely put
  std::vector<OtherTake> empty;     // that found nothing
  std::vector<OtherTake> unknown;   // that never answered, by invocation; each may have taken one value
  std::optional<Decision> refused;  // a value out of nothing, taken twice, or taken before it was put
  bool repeated = false;            // a value was put more than once: the rest is then incomplete
  bool looked = false;              // there are answered peeks or lengths, which the rest leaves out
};

struct ContainerFunctions {
  Function put = Function::enqueue;
  Function take = Function::dequeue;
};

// `operations` are those of one object. A put without an answer counts only if its value was taken: else it may as
// well not have happened. ERRORS: "event N: …" for another function than these, peek and length, or a put of nil.
Result<Lifetimes> lifetimes_of(const History& history, std::span<const std::uint32_t> operations,
                               const ContainerFunctions& functions, FailMeans fail);

using DecideLifetimes = std::function<Decision(const History& history, const Lifetimes& lifetimes)>;

// Makes the proof of a refusal as small as it gets cheaply: of the values and empty takes it names, leaves out some as
// long as the rest stays impossible. Leaving out both operations of a value never makes a history impossible.
// REQUIRES: decide() refuses what `refused` names.
Decision with_small_proof(const History& history, const Lifetimes& lifetimes, const Decision& refused,
                          const DecideLifetimes& decide);

}  // namespace fracas::checker
