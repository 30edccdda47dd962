#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <vector>

#include "checker/history/history.h"

// Isolation levels by their definitions, tried on every order: what the checker's answers are compared with.
namespace fracas::checker::tests {

// One transaction of a small history, with its steps taken apart.
struct SmallTransaction {
  struct Step {
    bool write = false;
    Value key, value;  // what was written, or what the read returned
  };
  std::vector<Step> steps;
  std::uint32_t process = 0;
  std::int64_t invoke_ns = 0, return_ns = kNever;
  bool required = false;  // acknowledged; its reads are known
};

// REQUIRES: a history of `txn` operations whose steps are well-formed.
inline std::vector<SmallTransaction> small_transactions(const History& history) {
  std::vector<SmallTransaction> all;
  for (const Operation& operation : history.operations) {
    if (operation.outcome == Outcome::fail) continue;
    SmallTransaction made;
    made.process = operation.process;
    made.invoke_ns = operation.invoke_ns;
    made.return_ns = operation.return_ns;
    made.required = operation.outcome == Outcome::ok;
    const Value steps = made.required ? operation.result : operation.argument;
    for (const Value step : history.values.elements_of(steps)) {
      const auto parts = history.values.elements_of(step);
      made.steps.push_back({history.values.text_of(parts[0]) != "r", parts[1], parts[2]});
    }
    all.push_back(std::move(made));
  }
  return all;
}

enum class Between : std::uint8_t { nothing, sessions, real_time };  // what orders transactions besides their data

class EveryOrder {
 public:
  EveryOrder(const History& history, bool lists)
      : history_(history), lists_(lists), all_(small_transactions(history)) {}

  // Is there an order of the acknowledged transactions, with some of the others, in which each reads what those before
  // it left?
  bool serializable(Between between) {
    between_ = between;
    snapshots_ = false;
    return search();
  }
  // Is there an order of beginnings and ends in which each reads what had ended before it began, and no two that
  // overlap write the same key?
  bool snapshot_isolated(Between between) {
    between_ = between;
    snapshots_ = true;
    return search();
  }

 private:
  using State = std::map<Value, std::vector<Value>>;  // by key; a register has at most one element

  bool before(const SmallTransaction& a, const SmallTransaction& b) const {
    if (between_ == Between::nothing) return false;
    if (a.process == b.process && a.return_ns <= b.invoke_ns) return true;
    return between_ == Between::real_time && a.return_ns < b.invoke_ns;
  }

  bool search() {
    began_.assign(all_.size(), kNone);
    ended_.assign(all_.size(), kNone);
    versions_.assign(1, {});
    return step();
  }

  bool done() const {
    for (std::size_t i = 0; i < all_.size(); ++i)
      if ((all_[i].required || began_[i] != kNone) && ended_[i] == kNone) return false;
    return true;
  }

  bool step() {
    if (done()) return true;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (began_[i] == kNone && begin(i)) return true;
      if (began_[i] != kNone && ended_[i] == kNone && end(i)) return true;
    }
    return false;
  }

  bool begin(std::size_t i) {
    for (std::size_t j = 0; j < all_.size(); ++j)
      if (ended_[j] == kNone && all_[j].required && before(all_[j], all_[i])) return false;
    for (std::size_t j = 0; j < all_.size(); ++j)  // whatever comes later in time must not have happened yet
      if (began_[j] != kNone && before(all_[i], all_[j])) return false;
    if (!reads_fit(all_[i], versions_.back())) return false;
    began_[i] = static_cast<std::uint32_t>(versions_.size() - 1);
    const bool found = snapshots_ ? step() : end(i);
    began_[i] = kNone;
    return found;
  }

  bool end(std::size_t i) {
    if (snapshots_)
      for (std::size_t j = 0; j < all_.size(); ++j)
        if (j != i && ended_[j] != kNone && ended_[j] > began_[i] && share_written(all_[i], all_[j])) return false;
    State next = versions_.back();
    for (const auto& each : all_[i].steps) apply(each, next);
    versions_.push_back(std::move(next));
    ended_[i] = static_cast<std::uint32_t>(versions_.size() - 1);
    const bool found = step();
    versions_.pop_back();
    ended_[i] = kNone;
    return found;
  }

  void apply(const SmallTransaction::Step& step, State& state) const {
    if (!step.write) return;
    auto& held = state[step.key];
    if (!lists_) held.clear();
    held.push_back(step.value);
  }

  bool reads_fit(const SmallTransaction& transaction, State state) const {
    for (const auto& each : transaction.steps) {
      apply(each, state);
      if (each.write || !transaction.required) continue;
      const auto& held = state[each.key];
      if (lists_) {
        const auto read = each.value.is_nil() ? std::span<const Value>{} : history_.values.elements_of(each.value);
        if (!std::equal(read.begin(), read.end(), held.begin(), held.end())) return false;
      } else if (each.value != (held.empty() ? Value{} : held.front())) {
        return false;
      }
    }
    return true;
  }

  static bool share_written(const SmallTransaction& a, const SmallTransaction& b) {
    for (const auto& left : a.steps)
      for (const auto& right : b.steps)
        if (left.write && right.write && left.key == right.key) return true;
    return false;
  }

  const History& history_;
  bool lists_;
  std::vector<SmallTransaction> all_;
  Between between_ = Between::nothing;
  bool snapshots_ = false;
  std::vector<std::uint32_t> began_, ended_;  // the number of versions at that moment, or kNone
  std::vector<State> versions_;               // of everything, after each end
};

}  // namespace fracas::checker::tests
