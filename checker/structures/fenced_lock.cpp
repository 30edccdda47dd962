#include "checker/structures/fenced_lock.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "checker/linearizability/nearly_sorted.h"
#include "checker/structures/open_union.h"

namespace fracas::checker {
namespace {

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
    std::erase_if(all, [](const Holding& h) { return h.acquire.to == kNever && h.release.from == kNever; });
    bool untold = false;
    for (const Holding& holding : all) {
      holdings_.tokens = holdings_.tokens || holding.token != kNoToken;
      untold = untold || holding.token == kNoToken;
      holdings_.incomplete = holdings_.incomplete || holding.acquire.to == kNever;
    }
    holdings_.incomplete = holdings_.incomplete || (holdings_.tokens && untold);
    sort_nearly_sorted(all, [](const Holding& a, const Holding& b) {
      return std::tuple(a.token, a.acquire.to, a.release.from) < std::tuple(b.token, b.acquire.to, b.release.from);
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
      if (before.released == kNone && before.acquire.to != kNever)
        wrong(fmt::format("process {} acquired the lock while it held it", process(index)), {before.acquired, index});
      holdings_.tangled = holdings_.tangled || (before.released == kNone && before.acquire.to == kNever);
      before.release.to = std::min(before.release.to, operation.return_ns);
    }
    Holding holding;
    holding.acquire = {operation.invoke_ns, operation.return_ns};
    holding.acquired = index;
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
    if (operation.outcome == Outcome::info && holding.acquire.to == kNever) return {};
    holding.release = {operation.invoke_ns, operation.return_ns};
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
  std::vector<OpenInterval> held;
  for (const Holding& holding : holdings.all)
    if (holding.acquire.to != kNever) held.push_back({holding.acquire.to, holding.release.from});
  const OpenUnion taken(std::move(held));
  for (const Holding& unseen : holdings.all) {
    if (unseen.acquire.to != kNever || taken.first_free(unseen.release.from) <= unseen.release.to) continue;
    std::vector<std::uint32_t> proof{unseen.acquired, unseen.released};
    for (const Holding& other : holdings.all)
      if (other.acquire.to != kNever && other.acquire.to < unseen.release.to &&
          other.release.from > unseen.release.from)
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
  Decision decision;
  decision.witness.reserve(2 * holdings.all.size());
  const Holding* before = nullptr;
  for (const Holding& holding : holdings.all) {
    if (holding.acquire.to == kNever) continue;
    decision.witness.push_back(holding.acquired);
    if (holding.released != kNone) decision.witness.push_back(holding.released);
    const Holding* previous = std::exchange(before, &holding);
    if (previous == nullptr || previous->release.from <= holding.acquire.to) continue;
    if (previous->acquire.from > holding.acquire.to) return late_token(history, *previous, holding);
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
  const Holding* latest = nullptr;  // of the smaller tokens: who asked last
  for (const Holding& holding : holdings.all) {
    if (holding.token == kNoToken) continue;
    if (latest != nullptr && latest->acquire.from > holding.acquire.to) return late_token(history, *latest, holding);
    if (latest == nullptr || holding.acquire.from > latest->acquire.from) latest = &holding;
  }
  return {};
}

std::size_t overlaps(const Holdings& holdings) {
  std::vector<const Holding*> by_time;
  for (const Holding& holding : holdings.all)
    if (holding.acquire.to != kNever) by_time.push_back(&holding);
  sort_nearly_sorted(by_time, [](auto* a, auto* b) { return a->acquire.to < b->acquire.to; });
  std::size_t count = 0;
  std::int64_t held_until = std::numeric_limits<std::int64_t>::min();
  for (const Holding* holding : by_time) {
    if (held_until > holding->acquire.to) ++count;
    held_until = std::max(held_until, holding->release.from);
  }
  return count;
}

}  // namespace fracas::checker
