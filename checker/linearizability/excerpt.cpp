#include "checker/linearizability/excerpt.h"

#include <algorithm>
#include <vector>

namespace fracas::checker {

Problem excerpt(const Problem& problem, std::span<const std::uint32_t> calls, const Cut& cut) {
  Problem part;
  part.calls.reserve(calls.size());
  std::vector<State> seen;
  for (const std::uint32_t index : calls) {
    Call call = problem.calls[index];
    if (call.return_ns <= cut.from_ns || call.invoke_ns > cut.until_ns) continue;
    if (call.return_ns > cut.until_ns || (cut.any_start() && call.invoke_ns <= cut.from_ns)) call.required = false;
    if (!call.required && is_pure(call)) continue;
    if (observed(call) != kElsewhere) seen.push_back(observed(call));
    part.calls.push_back(call);
  }
  part.states = problem.states;
  if (!cut.any_start()) return part;
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  if (seen.empty() || seen.front() != kInitial) seen.insert(seen.begin(), kInitial);
  part.starts = std::move(seen);
  part.starts.push_back(part.states++);  // a state that nobody observes
  return part;
}

}  // namespace fracas::checker
