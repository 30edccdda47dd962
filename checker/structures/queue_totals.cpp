#include "checker/structures/queue_totals.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <vector>

#include "checker/history/groups.h"
#include "checker/history/value_numbers.h"

namespace fracas::checker {
namespace {

using Operations = std::span<const std::uint32_t>;

// What happened to one value.
struct Total {
  Value value;
  Operations put;                // enqueues that may have happened, by invocation
  Operations taken;              // dequeues and drains, by invocation
  std::size_t acknowledged = 0;  // of put
};

// An operation and the number of its value.
struct Noted {
  std::uint32_t number, operation;
};

Groups by_number(const LargeVector<Noted>& noted, std::size_t numbers) {
  return Groups::gather(numbers, [&](const auto& note) {
    for (const Noted& each : noted) note(each.number, each.operation);
  });
}

class QueueTotals {
 public:
  QueueTotals(const History& history, std::size_t operations) : history_(history), by_value_(operations / 2) {
    puts_.reserve(operations / 2 + 1);
    takes_.reserve(operations / 2 + 1);
  }

  Result<void> note(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    const bool takes = operation.function == Function::dequeue || operation.function == Function::drain;
    if (!takes && operation.function != Function::enqueue)
      return failure(fmt::format("event {}: {} is not a function of this model (enqueue, dequeue, drain)",
                                 operation.invoke + 1, history_.functions.name(operation.function)));
    if (operation.outcome == Outcome::fail) return {};
    if (!takes) {
      puts_.push_back({number_of(operation.argument), index});
      return {};
    }
    if (operation.outcome == Outcome::info) {
      ++unanswered_;
      return {};
    }
    return take(index);
  }

  Decision decide(Delivery delivery) {
    put_ = by_number(puts_, values_.size());
    taken_ = by_number(takes_, values_.size());
    for (std::size_t number = 0; number < values_.size(); ++number) judge(total_of(number), delivery);
    decision_.counts = {{"acknowledged", acknowledged_},  {"delivered", delivered_},   {"lost", lost_},
                        {"duplicated", duplicated_},      {"unexpected", unexpected_}, {"recovered", recovered_},
                        {"unanswered_takes", unanswered_}};
    return std::move(decision_);
  }

 private:
  std::uint32_t number_of(Value value) {
    const std::uint32_t number = by_value_.of(value);
    if (number == values_.size()) values_.push_back(value);
    return number;
  }

  Total total_of(std::size_t number) const {
    Total total{values_[number], put_.of(number), taken_.of(number), 0};
    for (const std::uint32_t put : total.put)
      if (history_.operations[put].outcome == Outcome::ok) ++total.acknowledged;
    return total;
  }

  Result<void> take(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    if (operation.result.is_nil()) return {};
    if (operation.function == Function::dequeue) {
      takes_.push_back({number_of(operation.result), index});
      return {};
    }
    if (!operation.result.is(Value::Kind::list))
      return failure(
          fmt::format("event {}: {} is not a list", operation.completion + 1, history_.describe(operation.result)));
    for (const Value value : history_.values.elements_of(operation.result)) takes_.push_back({number_of(value), index});
    return {};
  }

  void judge(const Total& total, Delivery delivery) {
    const std::size_t in = total.put.size(), out = total.taken.size();
    acknowledged_ += static_cast<double>(total.acknowledged);
    delivered_ += static_cast<double>(std::min(in, out));
    if (out > total.acknowledged) recovered_ += static_cast<double>(std::min(in, out) - total.acknowledged);
    if (in == 0) {
      unexpected_ += static_cast<double>(out);
      return refuse(total, "came out, though nothing put it in", {total.taken.front()});
    }
    if (out > in) {
      duplicated_ += static_cast<double>(out - in);
      if (delivery != Delivery::at_least_once)
        refuse(total, fmt::format("came out {} times, though it was put in {} times", out, in), all(total));
    }
    if (out < total.acknowledged) {
      lost_ += static_cast<double>(total.acknowledged - out);
      if (delivery != Delivery::at_most_once)
        refuse(total, out == 0 ? "was acknowledged and never came out" : "came out less often than it was acknowledged",
               all(total));
    }
    if (delivery != Delivery::at_least_once) judge_order(total);
  }

  // The k-th to come out must not have returned before the k-th had begun to go in.
  void judge_order(const Total& total) {
    std::vector<std::uint32_t> sorted;
    Operations taken = total.taken;
    if (taken.size() > 1) {
      sorted.assign(taken.begin(), taken.end());
      std::sort(sorted.begin(), sorted.end(),
                [&](auto a, auto b) { return history_.operations[a].return_ns < history_.operations[b].return_ns; });
      taken = sorted;
    }
    for (std::size_t k = 0; k < std::min(taken.size(), total.put.size()); ++k)
      if (history_.operations[taken[k]].return_ns < history_.operations[total.put[k]].invoke_ns)
        return refuse(total, "came out before it was put in", {taken[k], total.put[k]});
  }

  static std::vector<std::uint32_t> all(const Total& total) {
    std::vector<std::uint32_t> operations(total.put.begin(), total.put.end());
    operations.insert(operations.end(), total.taken.begin(), total.taken.end());
    return operations;
  }

  void refuse(const Total& total, const std::string& what, std::vector<std::uint32_t> proof) {
    if (decision_.answer == Linearizable::no) return;
    decision_ = Decision::refuse(fmt::format("{} {}", history_.describe(total.value), what), std::move(proof));
  }

  const History& history_;
  ValueNumbers by_value_;
  LargeVector<Value> values_;  // by number
  LargeVector<Noted> puts_, takes_;
  Groups put_, taken_;  // the same by number
  double acknowledged_ = 0, delivered_ = 0, lost_ = 0, duplicated_ = 0, unexpected_ = 0, recovered_ = 0;
  double unanswered_ = 0;
  Decision decision_;
};

}  // namespace

Result<Decision> decide_queue_totals(const History& history, std::span<const std::uint32_t> operations,
                                     Delivery delivery) {
  QueueTotals totals(history, operations.size());
  for (const std::uint32_t index : operations)
    if (auto noted = totals.note(index); !noted) return failure(std::move(noted).error());
  return totals.decide(delivery);
}

}  // namespace fracas::checker
