#include "checker/structures/permits.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/structures/earliest_first.h"
#include "checker/structures/event_order.h"

namespace fracas::checker {
namespace {

class Permits {
 public:
  Permits(const History& history, std::int64_t permits)
      : history_(history), permits_(permits), placed_(history.operations.size(), false) {}

  Decision decide(const LargeVector<Moment>& moments) {
    for (const Moment& moment : moments) {
      const Operation& operation = history_.operations[moment.operation];
      if (!moment.end)
        open(operation.function).add(operation.return_ns, moment.operation);
      else if (!placed_[moment.operation] && !place_before_return(operation.function))
        return refuse(moment.operation);
    }
    Decision decision;
    decision.witness = std::move(order_);
    return decision;
  }

 private:
  EarliestFirst& open(Function function) { return function == Function::acquire ? acquires_ : releases_; }

  // Whoever returns now is the first of its kind to be placed: all that had to return before are.
  bool place_before_return(Function function) {
    const bool blocked = function == Function::acquire ? held_ == permits_ : held_ == 0;
    const Function other = function == Function::acquire ? Function::release : Function::acquire;
    if (blocked && open(other).empty()) return false;
    if (blocked) place(other);
    place(function);
    return true;
  }

  void place(Function function) {
    const std::uint32_t index = open(function).take();
    placed_[index] = true;
    order_.push_back(index);
    held_ += function == Function::acquire ? 1 : -1;
    if (function == Function::acquire) return holders_.push_back(index);
    const auto process = history_.operations[index].process;
    auto own = std::find_if(holders_.begin(), holders_.end(),
                            [&](std::uint32_t holder) { return history_.operations[holder].process == process; });
    holders_.erase(own == holders_.end() ? holders_.begin() : own);
    last_release_ = index;
  }

  Decision refuse(std::uint32_t index) const {
    const Operation& operation = history_.operations[index];
    const std::string& process = history_.processes[operation.process];
    std::vector<std::uint32_t> proof = holders_;
    proof.push_back(index);
    if (operation.function == Function::release) {
      if (last_release_ != kNone) proof.push_back(last_release_);
      return Decision::refuse(fmt::format("process {} released what nobody held", process), std::move(proof));
    }
    const std::string holders =
        permits_ == 1 ? fmt::format("process {}", holder_name()) : fmt::format("all {} permits were held", permits_);
    return Decision::refuse(permits_ == 1
                                ? fmt::format("process {} acquired the lock while {} held it", process, holders)
                                : fmt::format("process {} acquired a permit while {}", process, holders),
                            std::move(proof));
  }

  const std::string& holder_name() const { return history_.processes[history_.operations[holders_.front()].process]; }

  const History& history_;
  const std::int64_t permits_;
  std::vector<bool> placed_;
  std::int64_t held_ = 0;
  EarliestFirst acquires_, releases_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> holders_;  // acquires whose permits are held, as far as one can tell
  std::uint32_t last_release_ = kNone;
};

}  // namespace

Result<Decision> decide_permits(const History& history, std::span<const std::uint32_t> operations,
                                std::int64_t permits) {
  for (const std::uint32_t index : operations) {
    const Operation& operation = history.operations[index];
    if (operation.function != Function::acquire && operation.function != Function::release)
      return failure(fmt::format("event {}: {} is not a function of this model (acquire, release)",
                                 operation.invoke + 1, history.functions.name(operation.function)));
  }
  return Permits(history, permits).decide(moments_of(history, operations));
}

}  // namespace fracas::checker
