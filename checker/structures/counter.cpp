#include "checker/structures/counter.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <unordered_map>

#include "checker/linearizability/nearly_sorted.h"
#include "checker/structures/earliest_first.h"
#include "checker/structures/event_order.h"

namespace fracas::checker {
namespace {

Result<std::int64_t> integer_of(const History& history, Value value, std::uint32_t event) {
  if (value.is(Value::Kind::integer)) return value.integer();
  return failure(fmt::format("event {}: {} is not an integer", event + 1, history.describe(value)));
}

Result<CounterStep> step_of(const History& history, std::uint32_t index) {
  const Operation& operation = history.operations[index];
  CounterStep step{operation.invoke_ns, operation.return_ns, 0, index, operation.function == Function::read};
  const Value default_ = Value::of(std::int64_t{step.read ? 0 : 1});
  const Value said = step.read ? operation.result : operation.argument;
  const auto amount =
      integer_of(history, said.is_nil() ? default_ : said, step.read ? operation.completion : operation.invoke);
  if (!amount) return failure(amount.error());
  step.amount = operation.function == Function::decrement ? -*amount : *amount;
  return step;
}

// All amounts are 1, and reads count from the initial value.
class UnitCounter {
 public:
  UnitCounter(const History& history, std::span<const CounterStep> steps)
      : history_(history), placed_(history.operations.size(), false), values_(history.operations.size(), kAddition) {
    std::vector<std::uint32_t> operations;
    for (const CounterStep& step : steps) {
      operations.push_back(step.operation);
      if (step.read) values_[step.operation] = step.amount;
    }
    moments_ = moments_of(history, operations);
  }

  Decision decide() {
    for (const Moment& moment : moments_) {
      const std::int64_t value = values_[moment.operation];
      if (!moment.end && value == kAddition) {
        open_.add(history_.operations[moment.operation].return_ns, moment.operation);
        ++begun_;
      } else if (!moment.end && value < count_) {
        return too_small(moment.operation);
      } else if (!moment.end && value == count_) {
        place(moment.operation);
      } else if (!moment.end) {
        waiting_[value].push_back(moment.operation);
      } else if (!placed_[moment.operation] && !count_up_to(moment.operation)) {
        return too_great(moment.operation);
      }
    }
    Decision decision;
    decision.witness = std::move(order_);
    return decision;
  }

 private:
  static constexpr std::int64_t kAddition = -1;

  void place(std::uint32_t operation) {
    placed_[operation] = true;
    order_.push_back(operation);
  }

  // `operation` returns: places it, with as few additions as it takes.
  bool count_up_to(std::uint32_t operation) {
    while (!placed_[operation]) {
      if (open_.empty()) return false;
      place(open_.take());
      forced_by_.push_back(operation);
      ++count_;
      const auto found = waiting_.find(count_);
      if (found == waiting_.end()) continue;
      for (const std::uint32_t read : found->second) place(read);
      waiting_.erase(found);
    }
    return true;
  }

  Decision too_small(std::uint32_t read) const {
    const auto value = static_cast<std::size_t>(std::max<std::int64_t>(values_[read], 0));
    const std::uint32_t cause = forced_by_[value];
    if (values_[cause] != kAddition)
      return Decision::refuse(
          fmt::format("a read counted {} additions after another had counted {}", values_[read], values_[cause]),
          {cause, read});
    std::vector<std::uint32_t> proof{forced_by_.begin(), forced_by_.begin() + static_cast<std::ptrdiff_t>(value) + 1};
    std::size_t additions = 0;
    for (const std::uint32_t operation : order_)
      if (values_[operation] == kAddition && additions++ <= value) proof.push_back(operation);
    std::sort(proof.begin(), proof.end());
    proof.erase(std::unique(proof.begin(), proof.end()), proof.end());
    proof.push_back(read);
    return Decision::refuse(
        fmt::format("a read counted {} additions though {} had taken effect before it began", values_[read], count_),
        std::move(proof));
  }

  Decision too_great(std::uint32_t read) const {
    return Decision::refuse(fmt::format("a read counted {} additions though only {} had begun", values_[read], begun_),
                            {read});
  }

  const History& history_;
  std::vector<bool> placed_;
  std::vector<std::int64_t> values_;  // by operation: what a read saw
  LargeVector<Moment> moments_;
  EarliestFirst open_;
  std::unordered_map<std::int64_t, std::vector<std::uint32_t>> waiting_;  // reads, by value
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> forced_by_;  // by addition, as placed: whose return made it necessary
  std::int64_t count_ = 0, begun_ = 0;
};

// The amount of all additions, if it is one; 1 where there are none.
std::int64_t single_amount(std::span<const CounterStep> steps) {
  std::int64_t amount = 0;
  for (const CounterStep& step : steps) {
    if (step.read) continue;
    if (amount != 0 && step.amount != amount) return 0;
    amount = step.amount;
  }
  return amount == 0 ? 1 : amount;
}

// Sums of amounts up to a time.
class Sums {
 public:
  void add(std::int64_t at, std::int64_t amount) { all_.push_back({at, amount}); }
  void finish() {
    sort_nearly_sorted(all_, std::less<>());
    for (std::size_t i = 1; i < all_.size(); ++i) all_[i].second += all_[i - 1].second;
  }
  std::int64_t before(std::int64_t at) const {
    return sum(std::lower_bound(all_.begin(), all_.end(), at, [](auto& entry, auto t) { return entry.first < t; }));
  }
  std::int64_t until(std::int64_t at) const {
    return sum(std::upper_bound(all_.begin(), all_.end(), at, [](auto t, auto& entry) { return t < entry.first; }));
  }

 private:
  using Entries = std::vector<std::pair<std::int64_t, std::int64_t>>;
  std::int64_t sum(Entries::const_iterator end) const { return end == all_.begin() ? 0 : std::prev(end)->second; }
  Entries all_;
};

// The read, and every addition it could have seen.
std::vector<std::uint32_t> with_additions(const History& history, std::span<const CounterStep> steps,
                                          std::uint32_t read) {
  std::vector<std::uint32_t> operations{read};
  for (const CounterStep& step : steps)
    if (!step.read && step.invoke_ns <= history.operations[read].return_ns) operations.push_back(step.operation);
  return operations;
}

}  // namespace

Result<std::vector<CounterStep>> counter_steps(const History& history, std::span<const std::uint32_t> operations) {
  std::vector<CounterStep> steps;
  for (const std::uint32_t index : operations) {
    const Operation& operation = history.operations[index];
    const bool read = operation.function == Function::read;
    if (!read && operation.function != Function::add && operation.function != Function::decrement)
      return failure(fmt::format("event {}: {} is not a function of a counter (add, decrement, read)",
                                 operation.invoke + 1, history.functions.name(operation.function)));
    if (operation.outcome == Outcome::fail || (read && operation.outcome == Outcome::info)) continue;
    const auto step = step_of(history, index);
    if (!step) return failure(step.error());
    if (step->read || step->amount != 0) steps.push_back(*step);
  }
  return steps;
}

void drop_early_reads(std::vector<CounterStep>& steps) {
  std::int64_t last_ns = std::numeric_limits<std::int64_t>::min();
  for (const CounterStep& step : steps)
    if (!step.read) last_ns = std::max(last_ns, step.return_ns == kNever ? step.invoke_ns : step.return_ns);
  std::erase_if(steps, [last_ns](const CounterStep& step) { return step.read && step.invoke_ns <= last_ns; });
}

CounterBounds counter_bounds(std::span<const CounterStep> steps, std::int64_t initial) {
  Sums returned_up, returned_down, begun_up, begun_down;
  for (const CounterStep& step : steps) {
    if (step.read) continue;
    (step.amount > 0 ? begun_up : begun_down).add(step.invoke_ns, step.amount);
    if (step.return_ns != kNever) (step.amount > 0 ? returned_up : returned_down).add(step.return_ns, step.amount);
  }
  for (Sums* sums : {&returned_up, &returned_down, &begun_up, &begun_down}) sums->finish();
  CounterBounds bounds;
  for (const CounterStep& step : steps) {
    if (!step.read) continue;
    const CounterBounds::Read read{
        step.operation, initial + returned_up.before(step.invoke_ns) + begun_down.until(step.return_ns), step.amount,
        initial + begun_up.until(step.return_ns) + returned_down.before(step.invoke_ns)};
    bounds.reads.push_back(read);
    if (read.value < read.least || read.value > read.most) bounds.wrong.push_back(read);
  }
  return bounds;
}

Decision decide_counter(const History& history, std::span<const CounterStep> steps, std::int64_t initial) {
  const CounterBounds bounds = counter_bounds(steps, initial);
  if (!bounds.wrong.empty()) {
    const auto& read = bounds.wrong.front();
    return Decision::refuse(
        fmt::format("a read saw {}, outside of the {} to {} it can have been", read.value, read.least, read.most),
        with_additions(history, steps, read.operation));
  }
  const std::int64_t amount = single_amount(steps);
  if (amount == 0) return Decision::give_up("additions of several amounts need the search");
  std::vector<CounterStep> units(steps.begin(), steps.end());
  for (CounterStep& step : units) {
    if (step.read && (step.amount - initial) % amount != 0)
      return Decision::refuse(
          fmt::format("a read saw {}, which is no multiple of {} from {}", step.amount, amount, initial),
          {step.operation});
    step.amount = step.read ? (step.amount - initial) / amount : 1;
  }
  return UnitCounter(history, units).decide();
}

}  // namespace fracas::checker
