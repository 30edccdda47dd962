#include "controller/gate/measured.h"

#include "checker/history/history_builder.h"
#include "checker/invariants/availability.h"

namespace fracas::controller {
namespace {

double ms_of(std::int64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

}  // namespace

std::string_view name(Metric metric) {
  constexpr std::array<std::string_view, kMetrics.size()> kNames{"ok_rate", "latency_p50_ms", "latency_p99_ms",
                                                                 "recovery_s", "silence_s"};
  return kNames[static_cast<std::size_t>(metric)];
}

Measured measure(const RunRecord& record) {
  Measured measured;
  const auto history = checker::history_of(record.history);
  if (!history || history->operations.empty()) return measured;
  const checker::Availability numbers = checker::measure_availability(*history, record.faults);
  const auto set = [&measured](Metric metric, double value) { measured[static_cast<std::size_t>(metric)] = value; };
  set(Metric::ok_rate, numbers.total.ok_rate());
  set(Metric::silence_s, ms_of(numbers.silence_longest.end_ns - numbers.silence_longest.start_ns) / 1e3);
  if (numbers.total.answered > 0) {
    set(Metric::latency_p50_ms, numbers.total.latency.p50_ms);
    set(Metric::latency_p99_ms, numbers.total.latency.p99_ms);
  }
  if (numbers.recovery) set(Metric::recovery_s, ms_of(numbers.recovery->count()) / 1e3);
  // One that never recovers within the run is as bad as the rest of it is long.
  if (numbers.never_recovered) set(Metric::recovery_s, ms_of(record.phases.end_ns - record.phases.recover_ns) / 1e3);
  return measured;
}

std::vector<double> column(const std::vector<Measured>& runs, Metric metric) {
  std::vector<double> values;
  for (const Measured& run : runs)
    if (const auto value = run[static_cast<std::size_t>(metric)]) values.push_back(*value);
  return values;
}

}  // namespace fracas::controller
