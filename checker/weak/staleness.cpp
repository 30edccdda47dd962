#include "checker/weak/staleness.h"

#include <algorithm>
#include <limits>

#include "checker/linearizability/key.h"
#include "checker/models/problem.h"
#include "checker/weak/memory.h"

namespace fracas::checker::weak {

Problem aged(const Problem& problem, std::int64_t age_ns) {
  constexpr std::int64_t kEarliest = std::numeric_limits<std::int64_t>::min() / 2;
  Problem older = problem;
  for (Call& call : older.calls)
    if (call.kind == CallKind::read)
      call.invoke_ns = call.invoke_ns < kEarliest + age_ns ? kEarliest : call.invoke_ns - age_ns;
  std::stable_sort(older.calls.begin(), older.calls.end(),
                   [](const Call& a, const Call& b) { return a.invoke_ns < b.invoke_ns; });
  return older;
}

namespace {

// A write as far as it can be told from outside: when it had surely taken effect.
struct Version {
  std::int64_t invoke_ns = 0;
  std::int64_t settled_ns = 0;  // it returned, or somebody had seen it
  std::uint32_t access = 0;
};

class Lag {
 public:
  Lag(const History& history, const Memory& memory)
      : history_(history), memory_(memory), settled_(memory.all.size(), kNever), place_(memory.all.size()) {
    for (std::uint32_t i = 0; i < memory.all.size(); ++i) {
      settled_[i] = std::min(settled_[i], operation(i).return_ns);
      const std::uint32_t from = memory.all[i].from;
      if (from != kNone) settled_[from] = std::min(settled_[from], operation(i).return_ns);
    }
    for (std::uint32_t i = 0; i < memory.all.size(); ++i)
      if (memory.all[i].write) versions_.push_back({operation(i).invoke_ns, settled_[i], i});
  }

  void measure(Staleness& staleness) {
    std::sort(versions_.begin(), versions_.end(),
              [](const Version& a, const Version& b) { return a.settled_ns < b.settled_ns; });
    const std::uint64_t by_settled = most_behind();
    find_least(staleness);
    std::sort(versions_.begin(), versions_.end(),
              [](const Version& a, const Version& b) { return a.invoke_ns < b.invoke_ns; });
    staleness.versions_max = std::max(staleness.versions_min, std::min(by_settled, most_behind()) + 1);
  }

 private:
  const Operation& operation(std::uint32_t access) const { return history_.operations[memory_.all[access].operation]; }

  // In the order that versions_ has, the most versions that a read is behind. Each read comes as early as it may: after
  // what it saw, and after all that had settled before it began.
  std::uint64_t most_behind() {
    for (std::uint32_t i = 0; i < versions_.size(); ++i) place_[versions_[i].access] = i + 1;
    std::vector<std::uint32_t> by_settled(versions_.size());
    for (std::uint32_t i = 0; i < by_settled.size(); ++i) by_settled[i] = i;
    std::sort(by_settled.begin(), by_settled.end(),
              [&](std::uint32_t a, std::uint32_t b) { return versions_[a].settled_ns < versions_[b].settled_ns; });
    std::uint64_t most = 0;
    std::uint32_t newest = 0;  // the last place of what had settled
    std::size_t next = 0;
    for (std::uint32_t read = 0; read < memory_.all.size(); ++read) {
      if (memory_.all[read].write) continue;
      while (next < by_settled.size() && versions_[by_settled[next]].settled_ns < operation(read).invoke_ns)
        newest = std::max(newest, by_settled[next++] + 1);
      const std::uint32_t from = memory_.all[read].from;
      const std::uint32_t seen = from == kNone ? 0 : place_[from];
      if (newest > seen) most = std::max<std::uint64_t>(most, newest - seen);
    }
    return most;
  }

  // Whatever the order, what began after a version had settled, and settled before a read of it began, is newer.
  // REQUIRES: versions_ are by settled_ns. Counts them in a tree over the ranks of their invocations.
  void find_least(Staleness& staleness) {
    std::vector<std::int64_t> starts;
    for (const Version& version : versions_) starts.push_back(version.invoke_ns);
    std::sort(starts.begin(), starts.end());
    std::vector<std::uint32_t> tree(starts.size() + 1, 0);
    const auto rank = [&](std::int64_t at) {
      return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), at) - starts.begin());
    };
    std::size_t next = 0;
    std::uint64_t most = 0;
    for (std::uint32_t read = 0; read < memory_.all.size(); ++read) {
      if (memory_.all[read].write) continue;
      for (; next < versions_.size() && versions_[next].settled_ns < operation(read).invoke_ns; ++next)
        for (std::size_t i = rank(versions_[next].invoke_ns); i < tree.size(); i += i & (~i + 1)) ++tree[i];
      const std::uint32_t from = memory_.all[read].from;
      std::uint64_t newer = next;
      if (from != kNone)
        for (std::size_t i = rank(settled_[from]); i > 0; i -= i & (~i + 1)) newer -= tree[i];
      if (newer <= most) continue;
      most = newer;
      oldest_ = read;
    }
    staleness.versions_min = most + 1;
    if (most > 0) show(staleness);
  }

  void show(Staleness& staleness) const {
    const std::uint32_t from = memory_.all[oldest_].from;
    const std::int64_t after = from == kNone ? std::numeric_limits<std::int64_t>::min() : settled_[from];
    staleness.oldest.push_back(memory_.all[oldest_].operation);
    if (from != kNone) staleness.oldest.push_back(memory_.all[from].operation);
    for (const Version& version : versions_)
      if (version.invoke_ns > after && version.settled_ns < operation(oldest_).invoke_ns)
        staleness.oldest.push_back(memory_.all[version.access].operation);
  }

  const History& history_;
  const Memory& memory_;
  std::vector<Version> versions_;
  std::vector<std::int64_t> settled_;  // by access
  std::vector<std::uint32_t> place_;   // by access
  std::uint32_t oldest_ = kNone;
};

// The least age at which the key is linearizable, by halving.
void find_age(const Problem& problem, const Budget& budget, std::int64_t span_ns, Staleness& staleness) {
  const auto holds = [&](std::int64_t age_ns) {
    const Linearizable answer = decide_register(aged(problem, age_ns), budget).linearizable;
    staleness.unknown = staleness.unknown || answer == Linearizable::unknown;
    return answer == Linearizable::yes;
  };
  if (holds(0)) return;
  std::int64_t low = 0, high = span_ns + 1;  // fails at low
  staleness.bounded = holds(high);
  if (!staleness.bounded) return;
  while (high - low > 1 && !staleness.unknown) {
    const std::int64_t middle = low + (high - low) / 2;
    (holds(middle) ? high : low) = middle;
  }
  staleness.age_ns = high;
}

}  // namespace

Result<Staleness> measure_staleness(const History& history, std::span<const std::uint32_t> key,
                                    std::optional<Value> initial, const Budget& budget) {
  const auto draft = draft_of(history, key, initial);
  if (!draft) return failure(draft.error());
  Staleness staleness;
  staleness.unknown = draft->ambiguous;
  staleness.bounded = draft->phantom == kNone;
  if (staleness.unknown || !staleness.bounded) return staleness;
  const auto problem = compile_register(history, key, {.initial = initial});
  if (!problem) return failure(problem.error());
  find_age(*problem, budget, history.end_ns - history.start_ns, staleness);
  if (staleness.unknown || !staleness.bounded || staleness.age_ns == 0) return staleness;
  const Memory memory = settle(*draft);
  Lag(history, memory).measure(staleness);
  // It is not linearizable, so some read misses the newest version.
  staleness.versions_min = std::max<std::uint64_t>(staleness.versions_min, 2);
  staleness.versions_max = std::max(staleness.versions_max, staleness.versions_min);
  return staleness;
}

}  // namespace fracas::checker::weak
