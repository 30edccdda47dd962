#include "checker/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/explain/conclude.h"
#include "checker/explain/counterexample.h"
#include "checker/explain/fault_context.h"
#include "checker/explain/text.h"
#include "checker/invariants/raft.h"
#include "checker/linearizability/key.h"

namespace fracas::checker {
namespace {

double milliseconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e6;
}

void add_phase(CheckResult& result, const std::string& phase, const PhaseNumbers& numbers) {
  const auto put = [&](const char* what, double value) { result.numbers[phase + what] = value; };
  put("invoked", static_cast<double>(numbers.invoked));
  put("ok", static_cast<double>(numbers.ok));
  put("fail", static_cast<double>(numbers.fail));
  put("info", static_cast<double>(numbers.info));
  put("ok_rate", numbers.ok_rate());
  put("latency_p50_ms", numbers.latency.p50_ms);
  put("latency_p90_ms", numbers.latency.p90_ms);
  put("latency_p99_ms", numbers.latency.p99_ms);
  put("latency_max_ms", numbers.latency.max_ms);
}

// The times without an answer, and the faults they fell in.
void add_silences(CheckResult& result, const History& history, const Availability& measured,
                  std::span<const model::FaultWindow> faults) {
  constexpr std::size_t kShownMax = 5;
  const std::int64_t longest = measured.silence_longest.end_ns - measured.silence_longest.start_ns;
  result.numbers["gap_longest_ms"] = milliseconds(longest);
  result.numbers["gaps"] = static_cast<double>(measured.silences.size());
  result.numbers["gaps_total_ms"] = milliseconds(measured.silent_ns);
  result.details.push_back(fmt::format("longest time without an answer: {}", describe_span(longest)));
  for (std::size_t i = 0; i < std::min(measured.silences.size(), kShownMax); ++i) {
    const Silence& silence = measured.silences[i];
    const FaultContext context = place_among_faults(faults, silence.start_ns, silence.end_ns);
    result.details.push_back(fmt::format("no answer from {:.3f} s to {:.3f} s{}{}",
                                         static_cast<double>(silence.start_ns - history.start_ns) / 1e9,
                                         static_cast<double>(silence.end_ns - history.start_ns) / 1e9,
                                         context.sentence.empty() ? "" : ", ", context.sentence));
  }
  if (measured.silences.size() > kShownMax)
    result.details.push_back(fmt::format("and {} more times of a second or longer, {} in all",
                                         measured.silences.size() - kShownMax, describe_span(measured.silent_ns)));
}

// What the goals say about the numbers; empty when they are met.
std::string missed_goal(const Availability& measured, const AvailabilityGoals& goals) {
  if (goals.ok_rate_min && measured.total.ok_rate() < *goals.ok_rate_min)
    return fmt::format("{:.2f} % of the operations were answered, less than {:.2f} %", 100 * measured.total.ok_rate(),
                       100 * *goals.ok_rate_min);
  if (goals.latency_p99_max && measured.total.latency.p99_ms > milliseconds(goals.latency_p99_max->count()))
    return fmt::format("the slowest 1 % of the answers took {:.1f} ms or longer, more than {}",
                       measured.total.latency.p99_ms, describe_span(goals.latency_p99_max->count()));
  const std::int64_t silent = measured.silence_longest.end_ns - measured.silence_longest.start_ns;
  if (goals.silence_max && silent > goals.silence_max->count())
    return fmt::format("nothing was answered for {}, longer than {}", describe_span(silent),
                       describe_span(goals.silence_max->count()));
  if (!goals.recovered_within) return {};
  if (measured.never_recovered) return "the system did not answer steadily again before the run ended";
  if (measured.recovery && *measured.recovery > *goals.recovered_within)
    return fmt::format("it took {} after the last fault until the system answered steadily, more than {}",
                       describe_span(measured.recovery->count()), describe_span(goals.recovered_within->count()));
  return {};
}

// Why the goals cannot be judged; empty when they can.
std::string missing_evidence(const Availability& measured, const AvailabilityGoals& goals) {
  if (measured.total.invoked == 0) return "undecided: no operation was invoked";
  if (!goals.recovered_within || measured.never_recovered || measured.recovery) return {};
  return "undecided: nothing was invoked after a fault, so there is no recovery to measure";
}

std::string describe_availability(const Availability& measured) {
  std::string text =
      fmt::format("{:.2f} % of {} operations were answered", 100 * measured.total.ok_rate(), measured.total.invoked);
  if (measured.recovery)
    text += measured.recovery->count() == 0
                ? ", steadily again at once after the last fault"
                : fmt::format(", steadily again {} after the last fault", describe_span(measured.recovery->count()));
  if (measured.never_recovered) text += ", and not steadily again after the last fault";
  return text;
}

}  // namespace

Result<CheckResult> check_linearizable(const History& history, const KeyRules& rules, std::string_view model,
                                       const Request& request) {
  const Partition keys = Partition::by_key(history, request.budget.threads);
  const auto findings = decide_keys(history, keys, rules, request.budget);
  if (!findings) return failure(findings.error());
  CheckResult result = conclude(
      history, keys, *findings, fmt::format("linearizable as {}", model),
      [&](std::size_t key) { return explain_key(history, keys[key], rules, (*findings)[key], request.faults); });
  if (rules.reg.cas) result.details.push_back(describe_fail(rules.reg.fail));
  return result;
}

CheckResult check_raft(std::span<const std::vector<model::NodeEvent>> nodes, std::span<const model::FaultWindow> faults,
                       std::size_t voters) {
  const RaftFindings found = check_raft_invariants(nodes, voters);
  CheckResult result;
  result.kind = "raft";
  result.numbers = {{"events", static_cast<double>(found.events)},
                    {"elections", static_cast<double>(found.elections)},
                    {"term_max", static_cast<double>(found.term_max)},
                    {"committed_max", static_cast<double>(found.committed_max)}};
  result.details = found.notes;
  result.summary = fmt::format("{} events of {} nodes keep all invariants ({} elections, {} committed entries)",
                               found.events, nodes.size(), found.elections, found.committed_max);
  if (found.events == 0) {
    result.verdict = Verdict::undecided;
    result.summary = "undecided: the nodes recorded no events";
  }
  for (const auto& [invariant, times] : found.counts) {
    result.numbers[fmt::format("violations of {}", name(invariant))] = static_cast<double>(times);
    result.details.push_back(fmt::format("{}: violated {} times", name(invariant), times));
  }
  if (found.violations.empty()) return result;
  result.verdict = Verdict::violated;
  std::int64_t run_start = kNever;
  for (const auto& events : nodes)
    if (!events.empty()) run_start = std::min(run_start, events.front().time_ns);
  add_proof(result, explain_raft(found.violations.front(), run_start, faults));
  return result;
}

CheckResult check_availability(const History& history, const AvailabilityGoals& goals,
                               std::span<const model::FaultWindow> faults) {
  const Availability measured = measure_availability(history, faults);
  CheckResult result;
  result.kind = "availability";
  add_phase(result, "", measured.total);
  add_phase(result, "before_", measured.phases[0]);
  add_phase(result, "during_", measured.phases[1]);
  add_phase(result, "after_", measured.phases[2]);
  add_silences(result, history, measured, faults);
  if (measured.recovery) result.numbers["recovery_ms"] = milliseconds(measured.recovery->count());
  result.summary = describe_availability(measured);
  if (const std::string missing = missing_evidence(measured, goals); !missing.empty()) {
    result.verdict = Verdict::undecided;
    result.summary = missing;
  }
  if (const std::string missed = missed_goal(measured, goals); !missed.empty()) {
    result.verdict = Verdict::violated;
    result.summary = missed;
  }
  return result;
}

}  // namespace fracas::checker
