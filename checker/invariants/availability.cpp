#include "checker/invariants/availability.h"

#include <algorithm>
#include <map>
#include <utility>

namespace fracas::checker {
namespace {

struct Span {
  std::int64_t start_ns = kNever;
  std::int64_t end_ns = kNever;
};

Span all_faults(std::span<const model::FaultWindow> faults) {
  Span span;
  for (const auto& fault : faults) {
    if (span.start_ns == kNever) span.end_ns = fault.end_ns;
    span.start_ns = std::min(span.start_ns, fault.start_ns);
    span.end_ns = std::max(span.end_ns, fault.end_ns);
  }
  return span;
}

Phase phase_of(std::int64_t at_ns, const Span& faults) {
  if (at_ns < faults.start_ns) return Phase::before;
  return at_ns <= faults.end_ns ? Phase::during : Phase::after;
}

void count(const Operation& operation, bool was_answered, PhaseNumbers& numbers) {
  ++numbers.invoked;
  if (operation.outcome == Outcome::ok) ++numbers.ok;
  if (operation.outcome == Outcome::fail) ++numbers.fail;
  if (operation.outcome == Outcome::info) ++numbers.info;
  if (was_answered) ++numbers.answered;
}

void find_silences(const History& history, std::vector<std::int64_t> answers_ns, Availability& result) {
  if (history.operations.empty()) return;
  std::sort(answers_ns.begin(), answers_ns.end());
  answers_ns.push_back(history.end_ns);
  Silence silence{history.operations.front().invoke_ns, 0};
  result.silence_longest = {silence.start_ns, silence.start_ns};
  for (const std::int64_t at : answers_ns) {
    silence.end_ns = at;
    const std::int64_t length = at - silence.start_ns;
    if (length > result.silence_longest.end_ns - result.silence_longest.start_ns) result.silence_longest = silence;
    if (length >= kSilence.count()) {
      result.silences.push_back(silence);
      result.silent_ns += length;
    }
    silence.start_ns = at;
  }
}

void find_recovery(const History& history, const Span& faults, Availability& result) {
  if (faults.start_ns == kNever) return;
  std::map<std::int64_t, PhaseNumbers> buckets;
  for (const Operation& operation : history.operations)
    if (operation.invoke_ns > faults.end_ns)
      count(operation, answered(operation), buckets[(operation.invoke_ns - faults.end_ns) / kRecoveryBucket.count()]);
  if (buckets.empty()) return;
  std::int64_t recovered_at = 0;
  for (const auto& [number, numbers] : buckets)
    if (numbers.ok_rate() < kRecoveredRate) recovered_at = number + 1;
  result.never_recovered = recovered_at > buckets.rbegin()->first;
  if (!result.never_recovered) result.recovery = recovered_at * kRecoveryBucket;
}

}  // namespace

bool answered(const Operation& operation) {
  return operation.outcome == Outcome::ok || operation.mismatch;
}

Availability measure_availability(const History& history, std::span<const model::FaultWindow> faults) {
  Availability result;
  const Span span = all_faults(faults);
  std::vector<std::int64_t> answers_ns, total_ns;
  std::array<std::vector<std::int64_t>, 3> phase_ns;
  for (const Operation& operation : history.operations) {
    const bool was_answered = answered(operation);
    const auto phase = static_cast<std::size_t>(phase_of(operation.invoke_ns, span));
    count(operation, was_answered, result.total);
    count(operation, was_answered, result.phases[phase]);
    if (!was_answered) continue;
    answers_ns.push_back(operation.return_ns);
    total_ns.push_back(operation.return_ns - operation.invoke_ns);
    phase_ns[phase].push_back(operation.return_ns - operation.invoke_ns);
  }
  result.total.latency = quantiles_of(std::move(total_ns));
  for (std::size_t i = 0; i < phase_ns.size(); ++i) result.phases[i].latency = quantiles_of(std::move(phase_ns[i]));
  find_silences(history, std::move(answers_ns), result);
  find_recovery(history, span, result);
  return result;
}

}  // namespace fracas::checker
