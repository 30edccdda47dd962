#include "checker/explain/minimize.h"

#include <algorithm>
#include <numeric>

#include "checker/linearizability/excerpt.h"
#include "checker/linearizability/key.h"

namespace fracas::checker {
namespace {

constexpr std::uint64_t kProbeConfigurations = 200'000;  // a probe that needs more counts as "no violation"
constexpr std::uint64_t kEffort = 5'000'000;             // configurations in all probes together
constexpr std::uint64_t kProbeCost = 200;                // what a probe costs besides its configurations and calls

class Minimizer {
 public:
  explicit Minimizer(const Problem& problem) : problem_(problem) {}

  Minimal run(const Finding& finding) {
    calls_ = beginning(finding);
    if (finding.pattern == Pattern::none && !any_start_) cut_start();
    for (std::size_t chunk = std::max<std::size_t>(calls_.size() / 2, 1); effort_ < kEffort;) {
      const bool removed = remove_chunks(chunk);
      if (chunk == 1 && !removed) break;
      if (chunk > 1) chunk = (chunk + 1) / 2;
    }
    return {calls_, any_start_, from_ns_};
  }

 private:
  // The evidence of a template with all that could have produced what it saw, if that is a violation by itself;
  // else everything invoked before the search failed.
  std::vector<std::uint32_t> beginning(const Finding& finding) {
    if (!finding.evidence.empty()) {
      auto few = with_producers(finding.evidence);
      if (violated(few, false)) return few;
    }
    std::vector<std::uint32_t> all;
    if (finding.from_ns != Cut::kBeginning) {
      from_ns_ = finding.from_ns;
      until_ns_ = finding.failed_at_ns;
      any_start_ = true;
      for (std::uint32_t i = 0; i < problem_.calls.size(); ++i)
        if (problem_.calls[i].return_ns > from_ns_ && problem_.calls[i].invoke_ns <= until_ns_) all.push_back(i);
      return all;
    }
    for (std::uint32_t i = 0; i < problem_.calls.size(); ++i)
      if (finding.failed_at_ns == 0 || problem_.calls[i].invoke_ns <= finding.failed_at_ns) all.push_back(i);
    until_ns_ = finding.failed_at_ns == 0 ? kNever : finding.failed_at_ns;
    if (violated(all, false)) return all;
    until_ns_ = kNever;
    all.resize(problem_.calls.size());
    std::iota(all.begin(), all.end(), 0U);
    return all;
  }

  std::vector<std::uint32_t> with_producers(const std::vector<std::uint32_t>& calls) const {
    std::vector<bool> kept(problem_.calls.size(), false);
    for (const std::uint32_t call : calls) kept[call] = true;
    for (bool changed = true; changed;) {  // a compare-and-set that is brought in observes a state of its own
      changed = false;
      const std::vector<bool> seen = observed_states(kept);
      for (std::size_t i = 0; i < kept.size(); ++i)
        if (!kept[i] && produces_one_of(problem_.calls[i], seen)) kept[i] = changed = true;
    }
    return indexes(kept);
  }

  std::vector<bool> observed_states(const std::vector<bool>& kept) const {
    std::vector<bool> seen(problem_.states, false);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const Call& call = problem_.calls[i];
      if (kept[i] && observed(call) != kElsewhere) seen[observed(call)] = true;
      if (!kept[i] || call.kind != CallKind::mismatch) continue;
      for (State state = 0; state < problem_.states; ++state)  // it saw every other state
        if (state != call.first) seen[state] = true;
    }
    return seen;
  }

  static bool produces_one_of(const Call& call, const std::vector<bool>& states) {
    return produced(call) != kElsewhere && states[produced(call)];
  }

  static std::vector<std::uint32_t> indexes(const std::vector<bool>& kept) {
    std::vector<std::uint32_t> calls;
    for (std::uint32_t i = 0; i < kept.size(); ++i)
      if (kept[i]) calls.push_back(i);
    return calls;
  }

  // Is the history of these calls alone impossible? With `any_start`, from every state; calls that began before
  // `from_ns` may then have taken effect already, so they become optional. Returns after until_ns_ do not count.
  bool violated(const std::vector<std::uint32_t>& calls, bool any_start) {
    const Cut cut{any_start ? from_ns_ : Cut::kBeginning, until_ns_};
    const Finding finding =
        decide_register(excerpt(problem_, calls, cut), {.configurations_per_key = kProbeConfigurations});
    effort_ += finding.explored + calls.size() + kProbeCost;
    return finding.linearizable == Linearizable::no;
  }

  // Forgets the beginning of the history as far as the rest contradicts itself whatever the register held.
  void cut_start() {
    std::vector<std::int64_t> returns;
    for (const std::uint32_t call : calls_)
      if (problem_.calls[call].required && problem_.calls[call].return_ns < until_ns_)
        returns.push_back(problem_.calls[call].return_ns);
    std::sort(returns.begin(), returns.end());
    std::size_t low = 0, high = returns.size();  // a cut after `low` returns is known to do, or none
    std::vector<std::uint32_t> best;
    std::int64_t best_from = 0;
    while (low < high && effort_ < kEffort) {
      const std::size_t middle = (low + high + 1) / 2;
      from_ns_ = returns[middle - 1];
      auto rest = after(from_ns_);
      if (violated(rest, true)) {
        best = std::move(rest);
        best_from = from_ns_;
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    if (best.empty()) return;
    calls_ = std::move(best);
    from_ns_ = best_from;
    any_start_ = true;
  }

  std::vector<std::uint32_t> after(std::int64_t from_ns) const {
    std::vector<std::uint32_t> rest;
    for (const std::uint32_t call : calls_)
      if (problem_.calls[call].return_ns > from_ns) rest.push_back(call);
    return rest;
  }

  bool remove_chunks(std::size_t chunk) {
    bool removed = false;
    for (std::size_t begin = 0; begin < calls_.size() && effort_ < kEffort;) {
      auto fewer = without(begin, std::min(begin + chunk, calls_.size()));
      if (fewer.size() < calls_.size() && violated(fewer, any_start_)) {
        calls_ = std::move(fewer);
        removed = true;
      } else {
        begin += chunk;
      }
    }
    return removed;
  }

  // Without calls_[begin, end), except those whose state the rest observes.
  std::vector<std::uint32_t> without(std::size_t begin, std::size_t end) const {
    std::vector<bool> kept(problem_.calls.size(), false);
    for (std::size_t i = 0; i < calls_.size(); ++i) kept[calls_[i]] = i < begin || i >= end;
    for (bool changed = true; changed;) {
      changed = false;
      const auto seen = observed_states(kept);
      for (std::size_t i = begin; i < end; ++i)
        if (!kept[calls_[i]] && produces_one_of(problem_.calls[calls_[i]], seen)) kept[calls_[i]] = changed = true;
    }
    return indexes(kept);
  }

  const Problem& problem_;
  std::vector<std::uint32_t> calls_;
  bool any_start_ = false;
  std::int64_t from_ns_ = 0;
  std::int64_t until_ns_ = kNever;
  std::uint64_t effort_ = 0;
};

}  // namespace

Minimal minimize(const Problem& problem, const Finding& finding) {
  return Minimizer(problem).run(finding);
}

}  // namespace fracas::checker
