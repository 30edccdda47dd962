#include "checker/linearizability/zones.h"

#include <algorithm>
#include <limits>

#include "checker/linearizability/nearly_sorted.h"

namespace fracas::checker {
namespace {

constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::min();

// Calls on one value, or on a chain of values. Between the earliest return `low` and the latest invocation `high` the
// register must hold these values all the time if low < high (a forward zone); else at one moment of [high, low] (a
// backward zone).
struct Zone {
  std::int64_t low = kNever;
  std::int64_t high = kAlways;
  std::uint32_t low_call = kNone;
  std::uint32_t high_call = kNone;
  std::uint32_t origin = kNone;  // the call that made the (first) value
  bool forward() const { return low < high; }
  bool empty() const { return high == kAlways; }

  void add(const Call& call, std::uint32_t index) {
    if (call.return_ns < low) low = call.return_ns, low_call = index;
    if (call.invoke_ns > high) high = call.invoke_ns, high_call = index;
  }
  void add(const Zone& other) {
    if (other.low < low) low = other.low, low_call = other.low_call;
    if (other.high > high) high = other.high, high_call = other.high_call;
  }
};

Finding violation(const Problem& problem, std::vector<std::uint32_t> evidence) {
  Finding finding{Linearizable::no, {}, Pattern::clusters, {}, 0, 0};
  std::erase(evidence, kNone);
  std::sort(evidence.begin(), evidence.end());
  evidence.erase(std::unique(evidence.begin(), evidence.end()), evidence.end());
  for (const std::uint32_t call : evidence)
    if (problem.calls[call].return_ns != kNever)
      finding.failed_at_ns = std::max(finding.failed_at_ns, problem.calls[call].return_ns);
  finding.evidence = std::move(evidence);
  return finding;
}

bool changes(const Call& call) {
  return produced(call) != kElsewhere;
}

// The values' zones, each with the compare-and-set that leads on to another value.
class Chains {
 public:
  explicit Chains(const Problem& problem) : problem_(problem) {}

  // False where a value has two origins, or a call is none of these.
  bool collect() {
    zones_.assign(problem_.states, {});
    const auto& calls = problem_.calls;
    for (std::uint32_t i = 0; i < calls.size(); ++i) {
      if (calls[i].kind == CallKind::mismatch) return false;
      const State to = produced(calls[i]);
      if (to == kElsewhere) continue;
      if (to == kInitial || zones_[to].origin != kNone) return false;
      zones_[to].origin = i;
      compares_ = compares_ || calls[i].kind == CallKind::cas;
    }
    if (compares_) next_.assign(problem_.states, kNone);
    return true;
  }

  // Puts every call that must take effect into its zone; what proves that this is impossible, if it is.
  std::optional<Finding> fill() {
    const auto& calls = problem_.calls;
    for (std::uint32_t i = 0; i < calls.size(); ++i)
      if (calls[i].required)
        if (auto finding = place(i)) return finding;
    zones_[kInitial].low = kAlways;  // nil was there before everything
    return std::nullopt;
  }

  // Joins the zones of each chain into that of its first value.
  std::optional<Finding> join() {
    if (!compares_) return std::nullopt;
    std::vector<bool> reached(zones_.size(), false);
    for (State head = 0; head < zones_.size(); ++head) {
      if (head != kInitial && (zones_[head].empty() || problem_.calls[zones_[head].origin].kind == CallKind::cas))
        continue;
      if (auto finding = follow(head, reached)) return finding;
    }
    for (State state = 1; state < zones_.size(); ++state)  // a ring of compare-and-sets, or one of nothing
      if (!zones_[state].empty() && !reached[state]) return violation(problem_, {zones_[state].origin});
    return std::nullopt;
  }

  const LargeVector<Zone>& zones() const { return zones_; }
  State after(State state) const {
    return compares_ && next_[state] != kNone ? problem_.calls[next_[state]].second : kElsewhere;
  }
  // Whether the call took effect, as far as this engine supposes.
  bool placed(std::uint32_t call) const {
    return problem_.calls[call].required || (call < settled_.size() && settled_[call]);
  }

 private:
  // The call, and the chain of calls of unknown outcome that it proves to have taken effect.
  std::optional<Finding> place(const std::uint32_t proof) {
    for (std::uint32_t index = proof;;) {
      const Call& call = problem_.calls[index];
      if (changes(call)) zones_[call.kind == CallKind::write ? call.first : call.second].add(call, index);
      const State from = observed(call);
      if (from == kElsewhere) return std::nullopt;
      if (!changes(call)) zones_[from].add(call, index);
      if (call.kind == CallKind::cas && changes(call)) {
        if (next_[from] != kNone && next_[from] != index)
          return violation(problem_, {next_[from], index, zones_[from].origin});
        next_[from] = index;
      }
      if (from == kInitial) return std::nullopt;
      const std::uint32_t origin = zones_[from].origin;
      if (origin == kNone || problem_.calls[origin].invoke_ns > call.return_ns)
        return violation(problem_, {proof, index, origin});
      if (problem_.calls[origin].required || settled(origin)) return std::nullopt;
      index = origin;
    }
  }

  // Whether a call of unknown outcome has been placed already.
  bool settled(std::uint32_t index) {
    settled_.resize(problem_.calls.size(), false);
    const bool before = settled_[index];
    settled_[index] = true;
    return before;
  }

  // Everything on a value has to come before everything on the values made of it.
  std::optional<Finding> follow(State head, std::vector<bool>& reached) {
    Zone& whole = zones_[head];
    reached[head] = true;
    for (State at = head; next_[at] != kNone;) {
      const std::uint32_t link = next_[at];
      at = problem_.calls[link].second;
      if (reached[at]) return violation(problem_, {link});
      reached[at] = true;
      Zone& stage = zones_[at];
      if (stage.low < whole.high) return violation(problem_, {stage.low_call, link, whole.high_call, whole.origin});
      whole.add(stage);
      stage = {};
    }
    return std::nullopt;
  }

  const Problem& problem_;
  LargeVector<Zone> zones_;          // by state
  std::vector<std::uint32_t> next_;  // by state: the compare-and-set that expected it and took effect
  std::vector<bool> settled_;
  bool compares_ = false;
};

// A zone's place among the others: from `at_ns` on; of those at one time, in the order of `rank`.
struct Placed {
  std::int64_t at_ns = 0;
  int rank = 0;
  State first = 0;
};

// Two zones that cannot both be, if there are such; else, if it is wanted, where each goes.
std::optional<Finding> conflict(const Problem& problem, const LargeVector<Zone>& zones, std::vector<Placed>* places) {
  LargeVector<Zone> forward, backward;
  forward.reserve(zones.size());
  backward.reserve(zones.size());
  for (const Zone& zone : zones)
    if (!zone.empty()) (zone.forward() ? forward : backward).push_back(zone);
  const auto first_of = [&](const Zone& zone) {
    if (zone.origin == kNone) return kInitial;
    const Call& origin = problem.calls[zone.origin];
    return origin.kind == CallKind::write ? origin.first : origin.second;
  };
  const auto between = [&](const Zone& one, const Zone& other) {
    return violation(problem, {one.origin, one.low_call, one.high_call, other.origin, other.low_call, other.high_call});
  };
  sort_nearly_sorted(forward, [](const Zone& a, const Zone& b) { return a.low < b.low; });
  for (std::size_t i = 1; i < forward.size(); ++i)
    if (forward[i].low < forward[i - 1].high) return between(forward[i - 1], forward[i]);
  sort_nearly_sorted(backward, [](const Zone& a, const Zone& b) { return a.high < b.high; });
  std::size_t begun = 0;  // forward zones that begin before the backward one; all but the last end before that begins
  for (const Zone& zone : backward) {
    while (begun < forward.size() && forward[begun].low < zone.high) ++begun;
    const bool inside = begun > 0 && zone.high < forward[begun - 1].high;
    if (inside && zone.low < forward[begun - 1].high) return between(forward[begun - 1], zone);
    if (places != nullptr) places->push_back({inside ? forward[begun - 1].high : zone.high, 0, first_of(zone)});
  }
  if (places != nullptr)
    for (const Zone& zone : forward) places->push_back({zone.low, 1, first_of(zone)});
  return std::nullopt;
}

// Zone after zone; within one, value after value: what made it, then its reads.
std::vector<std::uint32_t> order_of(const Problem& problem, const Chains& chains, std::vector<Placed> places) {
  std::vector<std::vector<std::uint32_t>> calls(problem.states);
  for (std::uint32_t i = 0; i < problem.calls.size(); ++i) {
    const Call& call = problem.calls[i];
    if (!chains.placed(i)) continue;
    auto& of = calls[changes(call) ? produced(call) : call.first];
    of.insert(changes(call) ? of.begin() : of.end(), i);
  }
  std::sort(places.begin(), places.end(),
            [](const Placed& a, const Placed& b) { return a.at_ns != b.at_ns ? a.at_ns < b.at_ns : a.rank < b.rank; });
  std::vector<std::uint32_t> order;
  for (const Placed& place : places)
    for (State state = place.first; state != kElsewhere; state = chains.after(state))
      order.insert(order.end(), calls[state].begin(), calls[state].end());
  return order;
}

}  // namespace

std::optional<Finding> decide_by_zones(const Problem& problem, bool witness) {
  Chains chains(problem);
  if (!chains.collect()) return std::nullopt;
  if (auto finding = chains.fill()) return finding;
  if (auto finding = chains.join()) return finding;
  std::vector<Placed> places;
  if (auto finding = conflict(problem, chains.zones(), witness ? &places : nullptr)) return finding;
  Finding finding;
  if (witness) finding.witness = order_of(problem, chains, std::move(places));
  return finding;
}

}  // namespace fracas::checker
