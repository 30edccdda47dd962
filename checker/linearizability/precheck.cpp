#include "checker/linearizability/precheck.h"

#include "checker/linearizability/nearly_sorted.h"
#include "checker/linearizability/producers.h"

namespace fracas::checker {
namespace {

Finding violation(Pattern pattern, std::vector<std::uint32_t> evidence, std::int64_t at_ns) {
  return {Linearizable::no, {}, pattern, std::move(evidence), at_ns, 0};
}

// A call that certainly happened, and by when: its own return, or that of a read that saw its value.
struct Overwrite {
  std::int64_t done_ns = kNever;
  std::int64_t invoke_ns = 0;
  std::uint32_t call = kNone;
  std::uint32_t proof = kNone;  // the read, where that was earlier
};

std::vector<Overwrite> overwrites(const Problem& problem, const Producers& producers) {
  std::vector<Overwrite> list;
  list.reserve(problem.calls.size());
  for (std::uint32_t i = 0; i < problem.calls.size(); ++i) {
    const Call& call = problem.calls[i];
    const State to = produced(call);
    if (to == kElsewhere) continue;
    Overwrite overwrite{call.return_ns, call.invoke_ns, i, kNone};
    const auto& of = producers.of[to];
    const bool only_one = of.count == 1 && to != kInitial;
    if (only_one && of.first_reader != kNone && problem.calls[of.first_reader].return_ns < overwrite.done_ns) {
      overwrite.done_ns = problem.calls[of.first_reader].return_ns;
      overwrite.proof = of.first_reader;
    }
    if (overwrite.done_ns != kNever) list.push_back(overwrite);
  }
  sort_nearly_sorted(list, [](const Overwrite& a, const Overwrite& b) { return a.done_ns < b.done_ns; });
  return list;
}

// Whether a value was seen that nothing produced, or before what produced it began: value by value, which is quicker
// than read by read where all is well.
bool all_explained(const Problem& problem, const Producers& producers) {
  for (State state = kInitial + 1; state < producers.of.size(); ++state) {
    const auto& of = producers.of[state];
    if (of.first_reader == kNone) continue;
    if (of.count == 0 || problem.calls[of.earliest].invoke_ns > problem.calls[of.first_reader].return_ns) return false;
  }
  return true;
}

std::optional<Finding> unexplained_read(const Problem& problem, const Producers& producers) {
  if (all_explained(problem, producers)) return std::nullopt;
  for (std::uint32_t i = 0; i < problem.calls.size(); ++i) {
    const Call& call = problem.calls[i];
    const State seen = observed(call);
    if (!call.required || seen == kElsewhere || seen == kInitial) continue;
    const auto& of = producers.of[seen];
    if (of.count == 0) return violation(Pattern::phantom_read, {i}, call.return_ns);
    if (problem.calls[of.earliest].invoke_ns > call.return_ns)
      return violation(Pattern::future_read, {i, of.earliest}, call.return_ns);
  }
  return std::nullopt;
}

std::optional<Finding> stale_read(const Problem& problem, const Producers& producers) {
  const auto list = overwrites(problem, producers);
  std::size_t done = 0;               // of the list, before the call that is looked at was invoked
  const Overwrite* latest = nullptr;  // of these, the one invoked last
  for (std::uint32_t i = 0; i < problem.calls.size(); ++i) {
    const Call& call = problem.calls[i];
    for (; done < list.size() && list[done].done_ns < call.invoke_ns; ++done)
      if (latest == nullptr || list[done].invoke_ns > latest->invoke_ns) latest = &list[done];
    const State seen = observed(call);
    if (!call.required || seen == kElsewhere || latest == nullptr) continue;
    const auto& of = producers.of[seen];
    if (of.count > (seen == kInitial ? 0U : 1U)) continue;  // somebody may have written it again
    const Overwrite& newer = *latest;
    const bool written = of.count == 1;
    if (newer.call == i ||
        (written && (newer.call == of.earliest || newer.invoke_ns <= problem.calls[of.earliest].return_ns)))
      continue;
    std::vector<std::uint32_t> evidence{i};
    if (written) evidence.push_back(of.earliest);
    evidence.push_back(newer.call);
    if (newer.proof != kNone) evidence.push_back(newer.proof);
    return violation(Pattern::stale_read, std::move(evidence), call.return_ns);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Finding> precheck_register(const Problem& problem) {
  const Producers producers(problem);
  if (auto found = unexplained_read(problem, producers)) return found;
  return stale_read(problem, producers);
}

}  // namespace fracas::checker
