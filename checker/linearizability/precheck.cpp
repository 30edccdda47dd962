#include "checker/linearizability/precheck.h"

#include <algorithm>

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
  std::sort(list.begin(), list.end(), [](const Overwrite& a, const Overwrite& b) { return a.done_ns < b.done_ns; });
  return list;
}

// By position: the latest invoked of all overwrites that were done by then.
std::vector<std::uint32_t> latest_invoked(const std::vector<Overwrite>& list) {
  std::vector<std::uint32_t> latest(list.size());
  for (std::uint32_t i = 0; i < list.size(); ++i)
    latest[i] = i > 0 && list[latest[i - 1]].invoke_ns >= list[i].invoke_ns ? latest[i - 1] : i;
  return latest;
}

std::optional<Finding> unexplained_read(const Problem& problem, const Producers& producers) {
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
  const auto latest = latest_invoked(list);
  for (std::uint32_t i = 0; i < problem.calls.size(); ++i) {
    const Call& call = problem.calls[i];
    const State seen = observed(call);
    if (!call.required || seen == kElsewhere) continue;
    const auto& of = producers.of[seen];
    if (of.count > (seen == kInitial ? 0U : 1U)) continue;  // somebody may have written it again
    const auto end = std::lower_bound(list.begin(), list.end(), call.invoke_ns,
                                      [](const Overwrite& o, std::int64_t at) { return o.done_ns < at; });
    if (end == list.begin()) continue;
    const Overwrite& newer = list[latest[static_cast<std::size_t>(end - list.begin()) - 1]];
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
