#include "checker/structures/ids.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <limits>
#include <vector>

#include "checker/history/value_numbers.h"
#include "checker/linearizability/nearly_sorted.h"

namespace fracas::checker {
namespace {

Result<void> check_answer(const History& history, const Operation& operation, bool reads) {
  if (operation.function != Function::generate && !(reads && operation.function == Function::read))
    return failure(fmt::format("event {}: {} is not a function of this model (generate{})", operation.invoke + 1,
                               history.functions.name(operation.function), reads ? ", read" : ""));
  if (operation.outcome != Outcome::ok) return {};
  if (operation.result.is_nil() && operation.function == Function::generate)
    return failure(fmt::format("event {}: an answer without an id", operation.completion + 1));
  if (reads && !operation.result.is_nil() && !operation.result.is(Value::Kind::integer))
    return failure(
        fmt::format("event {}: {} is not an integer", operation.completion + 1, history.describe(operation.result)));
  return {};
}

// What has been given before: the greatest, and by whom.
class Greatest {
 public:
  explicit Greatest(const History& history) : history_(history) {}

  // Nothing, or an operation that had ended with an id that `next` should be above.
  std::uint32_t above(std::uint32_t next) const {
    if (last_ == kNone) return kNone;
    const Operation& operation = history_.operations[next];
    const std::int64_t given = id(last_);
    const bool ordered = operation.function == Function::read ? id(next) >= given : id(next) > given;
    return ordered ? kNone : last_;
  }
  void give(std::uint32_t index) {
    if (last_ == kNone || id(index) > id(last_)) last_ = index;
  }

 private:
  std::int64_t id(std::uint32_t index) const { return history_.operations[index].result.integer(); }
  const History& history_;
  std::uint32_t last_ = kNone;
};

// Visits the operations as they begin, and tells `given` of those that had returned by then.
class InOrder {
 public:
  InOrder(const History& history, std::vector<std::uint32_t> operations)
      : history_(history), by_return_(std::move(operations)) {
    sort_nearly_sorted(by_return_, [&](auto a, auto b) {
      return history_.operations[a].return_ns < history_.operations[b].return_ns;
    });
  }

  void advance(std::uint32_t begins, Greatest& given) {
    while (next_ < by_return_.size() &&
           history_.operations[by_return_[next_]].return_ns < history_.operations[begins].invoke_ns)
      given.give(by_return_[next_++]);
  }

 private:
  const History& history_;
  std::vector<std::uint32_t> by_return_;
  std::size_t next_ = 0;
};

// Whose answer each id was first. Counters give ids that lie close together: those are looked up in an array.
class FirstGiven {
 public:
  explicit FirstGiven(std::size_t operations) : near_(operations, kNone) {}

  // The operation that was answered with this id before; else nothing, and `index` is it from now on.
  std::uint32_t before(Value id, std::uint32_t index) {
    std::uint32_t& first = place_of(id);
    if (first != kNone) return first;
    first = index;
    return kNone;
  }

 private:
  std::uint32_t& place_of(Value id) {
    if (id.is(Value::Kind::integer)) {
      const auto number = static_cast<std::uint64_t>(id.integer());
      if (base_ == kNoBase) base_ = number;
      if (const std::uint64_t distance = number - base_; distance < near_.size()) return near_[distance];
    }
    const std::uint32_t number = numbers_.of(id);
    if (number == far_.size()) far_.push_back(kNone);
    return far_[number];
  }

  static constexpr std::uint64_t kNoBase = std::numeric_limits<std::uint64_t>::max();  // no value has 64 bits
  std::uint64_t base_ = kNoBase;                                                       // the first integer given
  LargeVector<std::uint32_t> near_;                                                    // by distance from it
  ValueNumbers numbers_;
  std::vector<std::uint32_t> far_;  // by number
};

}  // namespace

Result<Decision> decide_unique(const History& history, std::span<const std::uint32_t> operations) {
  FirstGiven first(operations.size());
  Decision decision;
  double acknowledged = 0, duplicated = 0;
  for (const std::uint32_t index : operations) {
    const Operation& operation = history.operations[index];
    if (auto checked = check_answer(history, operation, false); !checked) return failure(std::move(checked).error());
    if (operation.outcome != Outcome::ok) continue;
    ++acknowledged;
    const std::uint32_t before = first.before(operation.result, index);
    if (before != kNone && duplicated++ == 0)
      decision =
          Decision::refuse(fmt::format("{} was given twice", history.describe(operation.result)), {before, index});
  }
  decision.counts = {{"acknowledged", acknowledged}, {"duplicated", duplicated}};
  return decision;
}

Result<Decision> decide_growing(const History& history, std::span<const std::uint32_t> operations, bool per_process) {
  std::vector<std::uint32_t> answered;
  for (const std::uint32_t index : operations) {
    const Operation& operation = history.operations[index];
    if (auto checked = check_answer(history, operation, true); !checked) return failure(std::move(checked).error());
    if (operation.outcome == Outcome::ok && !operation.result.is_nil()) answered.push_back(index);
  }
  Decision decision;
  double wrong = 0;
  InOrder order(history, answered);
  Greatest anybody(history);
  boost::unordered_flat_map<std::uint32_t, Greatest> own;
  for (const std::uint32_t index : answered) {
    Greatest& given = per_process ? own.try_emplace(history.operations[index].process, history).first->second : anybody;
    if (!per_process) order.advance(index, given);
    if (const std::uint32_t before = given.above(index); before != kNone && wrong++ == 0)
      decision = Decision::refuse(
          fmt::format("{} came after {} had been given", history.describe(history.operations[index].result),
                      history.describe(history.operations[before].result)),
          {before, index});
    if (per_process) given.give(index);
  }
  decision.counts = {{"acknowledged", static_cast<double>(answered.size())}, {"not_growing", wrong}};
  return decision;
}

Result<Decision> decide_echo(const History& history, std::span<const std::uint32_t> operations) {
  Decision decision;
  double answered = 0, wrong = 0;
  for (const std::uint32_t index : operations) {
    const Operation& operation = history.operations[index];
    if (history.functions.name(operation.function) != "echo")
      return failure(fmt::format("event {}: {} is not a function of this model (echo)", operation.invoke + 1,
                                 history.functions.name(operation.function)));
    if (operation.outcome != Outcome::ok) continue;
    ++answered;
    if (operation.result == operation.argument || wrong++ > 0) continue;
    decision = Decision::refuse(
        fmt::format("{} came back as {}", history.describe(operation.argument), history.describe(operation.result)),
        {index});
  }
  decision.counts = {{"answered", answered}, {"wrong", wrong}};
  return decision;
}

}  // namespace fracas::checker
