#include "checker/structures/lifetimes.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/history/value_numbers.h"
#include "lib/base/ensure.h"

namespace fracas::checker {
namespace {

// Values and empty takes that a proof may be made of, by position: first the values, then the empty takes.
class Shrinker {
 public:
  Shrinker(const History& history, const Lifetimes& lifetimes, const DecideLifetimes& decide)
      : history_(history), all_(lifetimes), decide_(decide) {}

  // Begins with what `proof` names.
  void begin(std::vector<std::uint32_t> proof) {
    std::sort(proof.begin(), proof.end());
    const auto named = [&](std::uint32_t op) { return std::binary_search(proof.begin(), proof.end(), op); };
    const auto values = static_cast<std::uint32_t>(all_.values.size());
    for (std::uint32_t i = 0; i < values; ++i)
      if (named(all_.values[i].put_operation)) kept_.push_back(i);
    for (std::uint32_t i = 0; i < all_.empty.size(); ++i)
      if (named(all_.empty[i].operation)) kept_.push_back(values + i);
  }

  Lifetimes run() {
    for (std::size_t chunk = std::max<std::size_t>(kept_.size() / 2, 1); effort_ < kEffort;) {
      const bool removed = remove_chunks(chunk);
      if (chunk == 1 && !removed) break;
      if (chunk > 1) chunk = (chunk + 1) / 2;
    }
    return select(kept_);
  }

 private:
  static constexpr std::size_t kEffort = 2'000'000;  // values in all probes together

  Lifetimes select(const std::vector<std::uint32_t>& kept) const {
    Lifetimes some;
    some.unknown = all_.unknown;
    for (const std::uint32_t i : kept) {
      if (i < all_.values.size())
        some.values.push_back(all_.values[i]);
      else
        some.empty.push_back(all_.empty[i - all_.values.size()]);
    }
    return some;
  }

  bool remove_chunks(std::size_t chunk) {
    bool removed = false;
    for (std::size_t begin = 0; begin < kept_.size() && effort_ < kEffort;) {
      std::vector<std::uint32_t> fewer(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(begin));
      for (std::size_t i = begin + chunk; i < kept_.size(); ++i) fewer.push_back(kept_[i]);
      effort_ += fewer.size() + 1;
      if (decide_(history_, select(fewer)).answer == Linearizable::no) {
        kept_ = std::move(fewer);
        removed = true;
      } else {
        begin += chunk;
      }
    }
    return removed;
  }

  const History& history_;
  const Lifetimes& all_;
  const DecideLifetimes& decide_;
  std::vector<std::uint32_t> kept_;
  std::size_t effort_ = 0;
};

class Collector {
 public:
  Collector(const History& history, const ContainerFunctions& functions, FailMeans fail, std::size_t operations)
      : history_(history), functions_(functions), fail_(fail), by_value_(operations / 2) {
    lifetimes_.values.reserve(operations / 2 + 1);
  }

  Result<void> put(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    if (operation.argument.is_nil())
      return failure(fmt::format("event {}: {} of nothing", operation.invoke + 1, name(functions_.put)));
    if (operation.outcome == Outcome::fail) return {};
    const bool fresh = by_value_.of(operation.argument) == lifetimes_.values.size();
    if (!fresh) lifetimes_.repeated = true;
    Lifetime life;
    life.value = operation.argument;
    life.put = {operation.invoke_ns, operation.return_ns};
    life.put_operation = index;
    if (fresh) lifetimes_.values.push_back(life);
    return {};
  }

  void take(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    const OtherTake other{{operation.invoke_ns, operation.return_ns}, index};
    if (operation.outcome == Outcome::info) return lifetimes_.unknown.push_back(other);
    if (operation.outcome == Outcome::fail) {
      if (fail_ == FailMeans::mismatch) lifetimes_.empty.push_back(other);
      return;
    }
    if (operation.result.is_nil()) return lifetimes_.empty.push_back(other);
    // Mostly its put is known by now, and the operation at hand.
    const std::uint32_t found = by_value_.find(operation.result);
    if (found != kNone && !lifetimes_.values[found].taken()) return match(index, found);
    takes_.push_back(index);
  }

  void look(std::uint32_t index) {
    lifetimes_.looked = lifetimes_.looked || history_.operations[index].outcome != Outcome::info;
  }

  Lifetimes finish() {
    for (const std::uint32_t index : takes_) match(index, by_value_.find(history_.operations[index].result));
    std::erase_if(lifetimes_.values, [](const Lifetime& life) { return !life.taken() && life.put.to == kNever; });
    return std::move(lifetimes_);
  }

 private:
  std::string_view name(Function function) const { return history_.functions.name(function); }

  void refuse(std::string sentence, std::vector<std::uint32_t> proof) {
    if (!lifetimes_.refused) lifetimes_.refused = Decision::refuse(std::move(sentence), std::move(proof));
  }

  // `found`: the value's number, or kNone.
  void match(std::uint32_t index, std::uint32_t found) {
    const Operation& operation = history_.operations[index];
    if (found == kNone)
      return refuse(fmt::format("{} returned {}, which nothing put in", name(functions_.take),
                                history_.describe(operation.result)),
                    {index});
    if (lifetimes_.repeated) return;
    Lifetime& life = lifetimes_.values[found];
    if (life.taken())
      return refuse(fmt::format("{} came out twice, though it was put in once", history_.describe(operation.result)),
                    {life.put_operation, life.take_operation, index});
    life.take = {operation.invoke_ns, operation.return_ns};
    life.take_operation = index;
    if (life.take.to < life.put.from)
      refuse(fmt::format("{} came out before its {} began", history_.describe(operation.result), name(functions_.put)),
             {life.put_operation, index});
  }

  const History& history_;
  const ContainerFunctions& functions_;
  FailMeans fail_;
  ValueNumbers by_value_;
  std::vector<std::uint32_t> takes_;  // whose put was not met before them, or that somebody had taken
  Lifetimes lifetimes_;
};

}  // namespace

Result<Lifetimes> lifetimes_of(const History& history, std::span<const std::uint32_t> operations,
                               const ContainerFunctions& functions, FailMeans fail) {
  Collector collector(history, functions, fail, operations.size());
  for (const std::uint32_t index : operations) {
    const Operation& operation = history.operations[index];
    if (operation.function == functions.put) {
      if (auto put = collector.put(index); !put) return failure(std::move(put).error());
    } else if (operation.function == functions.take) {
      collector.take(index);
    } else if (operation.function == Function::peek || operation.function == Function::length) {
      collector.look(index);
    } else {
      return failure(fmt::format("event {}: {} is not a function of this model ({}, {}, peek, length)",
                                 operation.invoke + 1, history.functions.name(operation.function),
                                 history.functions.name(functions.put), history.functions.name(functions.take)));
    }
  }
  return collector.finish();
}

Decision with_small_proof(const History& history, const Lifetimes& lifetimes, const Decision& refused,
                          const DecideLifetimes& decide) {
  Shrinker shrinker(history, lifetimes, decide);
  shrinker.begin(refused.proof);
  const Lifetimes small = shrinker.run();
  Decision decision = decide(history, small);
  ensure(decision.answer == Linearizable::no, "a proof stays one");
  decision.proof.clear();
  bool left = false;
  for (const Lifetime& life : small.values) {
    decision.proof.push_back(life.put_operation);
    if (life.taken()) decision.proof.push_back(life.take_operation);
    left = left || !life.taken();
  }
  for (const OtherTake& take : small.empty) decision.proof.push_back(take.operation);
  if (left)  // what never answered may have taken them, and does not help either
    for (const OtherTake& take : small.unknown) decision.proof.push_back(take.operation);
  return decision;
}

}  // namespace fracas::checker
