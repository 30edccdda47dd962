#include "checker/structures/queue_totals.h"

#include <fmt/format.h>

#include <vector>

#include "checker/history/value_numbers.h"

namespace fracas::checker {
namespace {

struct Total {
  std::vector<std::uint32_t> put;    // enqueues that may have happened, by invocation
  std::vector<std::uint32_t> taken;  // dequeues and drains, by invocation
  std::size_t acknowledged = 0;      // of put
};

class QueueTotals {
 public:
  explicit QueueTotals(const History& history) : history_(history) {}

  Result<void> note(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    const bool takes = operation.function == Function::dequeue || operation.function == Function::drain;
    if (!takes && operation.function != Function::enqueue)
      return failure(fmt::format("event {}: {} is not a function of this model (enqueue, dequeue, drain)",
                                 operation.invoke + 1, history_.functions.name(operation.function)));
    if (operation.outcome == Outcome::fail) return {};
    if (!takes) {
      Total& total = of(operation.argument);
      total.put.push_back(index);
      if (operation.outcome == Outcome::ok) ++total.acknowledged;
      return {};
    }
    if (operation.outcome == Outcome::info) {
      ++unanswered_;
      return {};
    }
    return take(index);
  }

  Decision decide(Delivery delivery) {
    for (const Total& total : totals_) judge(total, delivery);
    decision_.counts = {{"acknowledged", acknowledged_},  {"delivered", delivered_},   {"lost", lost_},
                        {"duplicated", duplicated_},      {"unexpected", unexpected_}, {"recovered", recovered_},
                        {"unanswered_takes", unanswered_}};
    return std::move(decision_);
  }

 private:
  Total& of(Value value) {
    const std::uint32_t number = by_value_.of(value);
    if (number == totals_.size()) {
      totals_.emplace_back();
      values_.push_back(value);
    }
    return totals_[number];
  }

  Result<void> take(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    if (operation.result.is_nil()) return {};
    if (operation.function == Function::dequeue) {
      of(operation.result).taken.push_back(index);
      return {};
    }
    if (!operation.result.is(Value::Kind::list))
      return failure(
          fmt::format("event {}: {} is not a list", operation.completion + 1, history_.describe(operation.result)));
    for (const Value value : history_.values.elements_of(operation.result)) of(value).taken.push_back(index);
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
    std::vector<std::uint32_t> taken = total.taken;
    std::sort(taken.begin(), taken.end(),
              [&](auto a, auto b) { return history_.operations[a].return_ns < history_.operations[b].return_ns; });
    for (std::size_t k = 0; k < std::min(taken.size(), total.put.size()); ++k)
      if (history_.operations[taken[k]].return_ns < history_.operations[total.put[k]].invoke_ns)
        return refuse(total, "came out before it was put in", {taken[k], total.put[k]});
  }

  static std::vector<std::uint32_t> all(const Total& total) {
    std::vector<std::uint32_t> operations = total.put;
    operations.insert(operations.end(), total.taken.begin(), total.taken.end());
    return operations;
  }

  void refuse(const Total& total, const std::string& what, std::vector<std::uint32_t> proof) {
    if (decision_.answer == Linearizable::no) return;
    const Value value = values_[static_cast<std::size_t>(&total - totals_.data())];
    decision_ = Decision::refuse(fmt::format("{} {}", history_.describe(value), what), std::move(proof));
  }

  const History& history_;
  ValueNumbers by_value_;
  std::vector<Total> totals_;
  std::vector<Value> values_;  // of totals_
  double acknowledged_ = 0, delivered_ = 0, lost_ = 0, duplicated_ = 0, unexpected_ = 0, recovered_ = 0;
  double unanswered_ = 0;
  Decision decision_;
};

}  // namespace

Result<Decision> decide_queue_totals(const History& history, std::span<const std::uint32_t> operations,
                                     Delivery delivery) {
  QueueTotals totals(history);
  for (const std::uint32_t index : operations)
    if (auto noted = totals.note(index); !noted) return failure(std::move(noted).error());
  return totals.decide(delivery);
}

}  // namespace fracas::checker
