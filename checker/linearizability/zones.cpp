#include <algorithm>
#include <iterator>

#include "checker/linearizability/precheck.h"

namespace fracas::checker {
namespace {

// One value's write and reads. Between the earliest return `low` and the latest invocation `high` the register must
// hold this value all the time if low < high (a forward zone); else at one moment in [high, low] (a backward zone).
struct Zone {
  std::int64_t low = kNever;
  std::int64_t high = std::numeric_limits<std::int64_t>::min();
  std::uint32_t low_call = kNone;
  std::uint32_t high_call = kNone;
  std::uint32_t write = kNone;
  bool forward() const { return low < high; }
};

void extend(Zone& zone, const Call& call, std::uint32_t index) {
  if (call.return_ns < zone.low) zone.low = call.return_ns, zone.low_call = index;
  if (call.invoke_ns > zone.high) zone.high = call.invoke_ns, zone.high_call = index;
  if (call.kind == CallKind::write) zone.write = index;
}

std::vector<Zone> zones_of(const Problem& problem) {
  std::vector<Zone> by_state(problem.states);
  by_state[kInitial].low = std::numeric_limits<std::int64_t>::min();  // nil was there before everything
  for (std::uint32_t i = 0; i < problem.calls.size(); ++i)
    extend(by_state[problem.calls[i].first], problem.calls[i], i);
  // A write of unknown outcome that nobody read need not have happened; without reads of nil its zone is empty.
  if (by_state[kInitial].high_call == kNone) by_state[kInitial].low = kNever;
  std::erase_if(by_state, [](const Zone& zone) { return zone.low == kNever; });
  return by_state;
}

Finding conflict(const Problem& problem, const Zone& one, const Zone& other) {
  Finding finding{Linearizable::no, {}, Pattern::clusters, {}, 0, 0};
  for (const std::uint32_t call :
       {one.write, one.low_call, one.high_call, other.write, other.low_call, other.high_call})
    if (call != kNone) finding.evidence.push_back(call);
  std::sort(finding.evidence.begin(), finding.evidence.end());
  finding.evidence.erase(std::unique(finding.evidence.begin(), finding.evidence.end()), finding.evidence.end());
  for (const std::uint32_t call : finding.evidence)
    if (problem.calls[call].return_ns != kNever)
      finding.failed_at_ns = std::max(finding.failed_at_ns, problem.calls[call].return_ns);
  return finding;
}

}  // namespace

Finding decide_by_zones(const Problem& problem) {
  std::vector<Zone> forward, backward;
  for (const Zone& zone : zones_of(problem)) (zone.forward() ? forward : backward).push_back(zone);
  std::sort(forward.begin(), forward.end(), [](const Zone& a, const Zone& b) { return a.low < b.low; });
  for (std::size_t i = 1; i < forward.size(); ++i)
    if (forward[i].low < forward[i - 1].high) return conflict(problem, forward[i - 1], forward[i]);
  for (const Zone& zone : backward) {
    // The last forward zone that begins before this one; earlier ones end before that one begins.
    const auto after = std::lower_bound(forward.begin(), forward.end(), zone.high,
                                        [](const Zone& f, std::int64_t at) { return f.low < at; });
    if (after == forward.begin()) continue;
    const Zone& before = *std::prev(after);
    if (zone.low < before.high) return conflict(problem, before, zone);
  }
  return {};
}

}  // namespace fracas::checker
