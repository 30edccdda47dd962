#include "checker/structures/fenced_lock.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "checker/linearizability/nearly_sorted.h"
#include "checker/structures/open_union.h"

namespace fracas::checker {
namespace {

// When each step took effect; never, where it did not take place.
class Times {
 public:
  explicit Times(const History& history) : history_(history) {}

  std::int64_t asked(const Holding& holding) const { return history_.operations[holding.acquired].invoke_ns; }
  std::int64_t acquired(const Holding& holding) const { return history_.operations[holding.acquired].return_ns; }
  std::int64_t release_began(const Holding& holding) const {
    return holding.released == kNone ? kNever : history_.operations[holding.released].invoke_ns;
  }
  std::int64_t release_ended(const Holding& holding) const {
    const auto end = [&](std::uint32_t index) {
      return index == kNone ? kNever : history_.operations[index].return_ns;
    };
    return std::min(end(holding.released), end(holding.next));
  }

 private:
  const History& history_;
};

class Collector {
 public:
  Collector(const History& history, std::size_t operations) : history_(history) {
    holdings_.all.reserve(operations / 2 + 1);
  }

  Result<void> note(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    if (operation.function == Function::acquire) return acquire(index);
    if (operation.function == Function::release) return release(index);
    return failure(fmt::format("event {}: {} is not a function of this model (acquire, release)", operation.invoke + 1,
                               history_.functions.name(operation.function)));
  }

  Holdings finish() {
    auto& all = holdings_.all;
    std::erase_if(all, [](const Holding& holding) { return !holding.seen && holding.released == kNone; });
    bool untold = false;
    for (const Holding& holding : all) {
      holdings_.tokens = holdings_.tokens || holding.token != kNoToken;
      untold = untold || holding.token == kNoToken;
      holdings_.incomplete = holdings_.incomplete || !holding.seen;
    }
    holdings_.incomplete = holdings_.incomplete || (holdings_.tokens && untold);
    sort_nearly_sorted(all, [times = Times(history_)](const Holding& a, const Holding& b) {
      if (a.token != b.token) return a.token < b.token;
      return std::pair(times.acquired(a), times.release_began(a)) <
             std::pair(times.acquired(b), times.release_began(b));
    });
    for (std::size_t i = 1; i < all.size(); ++i)
      if (all[i].token == all[i - 1].token && all[i].token != kNoToken)
        wrong(fmt::format("token {} was given to {} and to {}", all[i].token, process(all[i - 1].acquired),
                          process(all[i].acquired)),
              {all[i - 1].acquired, all[i].acquired});
    return std::move(holdings_);
  }

 private:
  const std::string& process(std::uint32_t index) const {
    return history_.processes[history_.operations[index].process];
  }
  void wrong(std::string sentence, std::vector<std::uint32_t> proof) {
    holdings_.wrong.push_back(Decision::refuse(std::move(sentence), std::move(proof)));
  }

  Result<void> acquire(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    if (operation.outcome == Outcome::fail) return {};
    holdings_.tangled = holdings_.tangled || floating_.contains(operation.process);
    if (const auto last = last_.find(operation.process); last != last_.end()) {
      Holding& before = holdings_.all[last->second];
      if (before.released == kNone && before.seen)
        wrong(fmt::format("process {} acquired the lock while it held it", process(index)), {before.acquired, index});
      holdings_.tangled = holdings_.tangled || (before.released == kNone && !before.seen);
      before.next = index;
    }
    Holding holding;
    holding.acquired = index;
    holding.seen = operation.return_ns != kNever;
    if (operation.outcome == Outcome::ok && operation.result.is(Value::Kind::integer))
      holding.token = operation.result.integer();
    else if (operation.outcome == Outcome::ok && operation.result != operation.argument)
      return failure(
          fmt::format("event {}: {} is not a token", operation.completion + 1, history_.describe(operation.result)));
    last_[operation.process] = holdings_.all.size();
    holdings_.all.push_back(holding);
    return {};
  }

  Result<void> release(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    if (operation.outcome == Outcome::fail) return {};
    const auto last = last_.find(operation.process);
    holdings_.tangled = holdings_.tangled || floating_.contains(operation.process);
    if (operation.outcome == Outcome::info) floating_.insert(operation.process);
    if (last == last_.end() || holdings_.all[last->second].released != kNone) {
      if (operation.outcome == Outcome::ok)
        wrong(fmt::format("process {} released the lock without holding it", process(index)), {index});
      return {};
    }
    Holding& holding = holdings_.all[last->second];
    if (operation.outcome == Outcome::info && !holding.seen) return {};
    holding.released = index;
    return {};
  }

  const History& history_;
  Holdings holdings_;
  std::unordered_map<std::uint32_t, std::size_t> last_;  // by process
  std::unordered_set<std::uint32_t> floating_;           // processes with a release without an answer
};

std::vector<std::uint32_t> operations_of(const Holding& a, const Holding& b) {
  std::vector<std::uint32_t> operations{a.acquired, a.released, b.acquired, b.released};
  std::erase(operations, kNone);
  return operations;
}

std::string who(const History& history, const Holding& holding) {
  const std::string& process = history.processes[history.operations[holding.acquired].process];
  return holding.token == kNoToken ? fmt::format("process {}", process)
                                   : fmt::format("process {} (token {})", process, holding.token);
}

Decision late_token(const History& history, const Holding& smaller, const Holding& greater) {
  return Decision::refuse(
      fmt::format("{} got the lock after {}, with a smaller token", who(history, smaller), who(history, greater)),
      operations_of(smaller, greater));
}

// Of a lock without tokens: who got it unseen and released it need not have had it for longer than a moment between
// the beginning and the end of the release.
Decision decide_unseen(const History& history, const Holdings& holdings) {
  const Times times(history);
  LargeVector<OpenInterval> held;
  for (const Holding& holding : holdings.all)
    if (holding.seen) held.push_back({times.acquired(holding), times.release_began(holding)});
  const OpenUnion taken(std::move(held));
  for (const Holding& unseen : holdings.all) {
    const std::int64_t from = times.release_began(unseen), to = times.release_ended(unseen);
    if (unseen.seen || taken.first_free(from) <= to) continue;
    std::vector<std::uint32_t> proof{unseen.acquired, unseen.released};
    for (const Holding& other : holdings.all)
      if (other.seen && times.acquired(other) < to && times.release_began(other) > from)
        for (const std::uint32_t index : operations_of(other, other)) proof.push_back(index);
    return Decision::refuse(fmt::format("{} released the lock while another held it", who(history, unseen)),
                            std::move(proof));
  }
  return {};
}

// Each release being one of the acquire before it.
Decision decide_as_paired(const History& history, const Holdings& holdings) {
  if (!holdings.wrong.empty()) return holdings.wrong.front();
  if (holdings.tokens && holdings.incomplete)
    return Decision::give_up("a process held the lock, and nobody saw with which token");
  const Times times(history);
  Decision decision;
  decision.witness.reserve(2 * holdings.all.size());
  const Holding* before = nullptr;
  for (const Holding& holding : holdings.all) {
    if (!holding.seen) continue;
    decision.witness.push_back(holding.acquired);
    if (holding.released != kNone) decision.witness.push_back(holding.released);
    const Holding* previous = std::exchange(before, &holding);
    if (previous == nullptr || times.release_began(*previous) <= times.acquired(holding)) continue;
    if (times.asked(*previous) > times.acquired(holding)) return late_token(history, *previous, holding);
    return Decision::refuse(
        fmt::format("{} acquired the lock while {} held it", who(history, holding), who(history, *previous)),
        operations_of(*previous, holding));
  }
  return holdings.incomplete ? decide_unseen(history, holdings) : decision;
}

}  // namespace

Result<Holdings> holdings_of(const History& history, std::span<const std::uint32_t> operations) {
  Collector collector(history, operations.size());
  for (const std::uint32_t index : operations)
    if (auto noted = collector.note(index); !noted) return failure(std::move(noted).error());
  return collector.finish();
}

Decision decide_fenced_lock(const History& history, const Holdings& holdings) {
  Decision decision = decide_as_paired(history, holdings);
  if (decision.answer == Linearizable::no && holdings.tangled)
    return Decision::give_up("a process went on after an operation that it saw no answer of, and used the lock again");
  return decision;
}

Decision decide_fencing(const History& history, const Holdings& holdings) {
  if (!holdings.wrong.empty()) return holdings.wrong.front();
  if (!holdings.tokens && !holdings.all.empty()) return Decision::give_up("the lock gives no tokens");
  const Times times(history);
  const Holding* latest = nullptr;  // of the smaller tokens: who asked last
  for (const Holding& holding : holdings.all) {
    if (holding.token == kNoToken) continue;
    if (latest != nullptr && times.asked(*latest) > times.acquired(holding))
      return late_token(history, *latest, holding);
    if (latest == nullptr || times.asked(holding) > times.asked(*latest)) latest = &holding;
  }
  return {};
}

std::size_t overlaps(const History& history, const Holdings& holdings) {
  struct Held {
    std::int64_t from, until;
  };
  const Times times(history);
  LargeVector<Held> by_time;
  by_time.reserve(holdings.all.size());
  for (const Holding& holding : holdings.all)
    if (holding.seen) by_time.push_back({times.acquired(holding), times.release_began(holding)});
  sort_nearly_sorted(by_time, [](const Held& a, const Held& b) { return a.from < b.from; });
  std::size_t count = 0;
  std::int64_t held_until = std::numeric_limits<std::int64_t>::min();
  for (const Held& held : by_time) {
    if (held_until > held.from) ++count;
    held_until = std::max(held_until, held.until);
  }
  return count;
}

}  // namespace fracas::checker
