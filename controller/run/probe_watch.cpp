#include "controller/run/probe_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/probe/workload_meter.h"
#include "controller/world/waiting.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr Duration kLookEvery = std::chrono::milliseconds(100);

}  // namespace

std::vector<ProbeRecord> begin_probes(const model::Experiment& experiment,
                                      const std::map<std::string, std::string>& addresses) {
  std::vector<ProbeRecord> records;
  for (const model::ProbeSpec& probe : experiment.probe())
    records.push_back({.name = probe.name(),
                       .kind = model::kind_of(probe),
                       .description = describe(probe, addresses),
                       .from = probe.has_workload() ? "clients" : probe.from(),
                       .passed_min = probe.passed_min(),
                       .samples = {}});
  return records;
}

ProbeWatch::ProbeWatch(ProbeWatchOptions options)
    : options_(std::move(options)),
      rules_(options_.experiment),
      records_(begin_probes(options_.experiment, options_.addresses)) {
  bool workload = rules_.looks_at_workload();
  for (int i = 0; i < options_.experiment.probe_size(); ++i) {
    const model::ProbeSpec& spec = options_.experiment.probe(i);
    workload = workload || spec.has_workload();
    if (spec.has_workload()) continue;
    threads_.emplace_back([this, &spec, &record = records_[static_cast<std::size_t>(i)]](
                              const std::stop_token& stopping) { ask(spec, record, stopping); });
  }
  if (workload) threads_.emplace_back([this](const std::stop_token& stopping) { watch_workload(stopping); });
}

std::vector<ProbeRecord> ProbeWatch::finish() {
  threads_.clear();
  return std::move(records_);
}

void ProbeWatch::ask(const model::ProbeSpec& spec, ProbeRecord& record, const std::stop_token& stopping) {
  const Status there = spec.from() == "controller" ? Status() : options_.join(spec.from());
  const ProbeRoom room{.addresses = options_.addresses, .stopping = options_.abort.token()};
  for (const PlannedMeasurement& planned : plan_measurements(spec, options_.lengths)) {
    const std::int64_t at_ns = options_.begin_ns + planned.at.count();
    // One that took longer than the interval: what is missed is not measured later.
    const bool missed = os::boot_now_ns() > at_ns + model::from_proto(spec.interval()).count() && !planned.decides;
    if (missed) continue;
    if (!sleep_until(at_ns, stopping) || options_.abort.happened()) return;
    Measurement measurement{.time_ns = os::boot_now_ns()};
    if (there)
      measurement = measure(spec, room);
    else
      measurement.says = there.error().message;
    if (options_.abort.happened()) return;  // it may have been cut short
    keep(record, planned, std::move(measurement));
  }
}

// All workload probes and conditions look at one history.
void ProbeWatch::watch_workload(const std::stop_token& stopping) {
  struct Looking {
    WorkloadGoals goals;
    ProbeRecord* record = nullptr;
    std::vector<PlannedMeasurement> plan;
    std::size_t next = 0;
  };
  std::vector<Looking> all;
  Duration memory = rules_.memory();
  for (int i = 0; i < options_.experiment.probe_size(); ++i) {
    const model::ProbeSpec& spec = options_.experiment.probe(i);
    if (!spec.has_workload()) continue;
    all.push_back({.goals = workload_goals(spec.workload()),
                   .record = &records_[static_cast<std::size_t>(i)],
                   .plan = plan_measurements(spec, options_.lengths)});
    memory = std::max(memory, all.back().goals.over);
  }
  WorkloadMeter meter(memory);
  const std::int64_t recover_ns = options_.begin_ns + (options_.lengths.before + options_.lengths.during).count();
  while (sleep_until(os::boot_now_ns() + kLookEvery.count(), stopping) && !options_.abort.happened()) {
    meter.follow(options_.recorder.copy_from(meter.events()));
    const std::int64_t now_ns = os::boot_now_ns();
    for (Looking& each : all) {
      while (each.next < each.plan.size() && options_.begin_ns + each.plan[each.next].at.count() <= now_ns) {
        const PlannedMeasurement& planned = each.plan[each.next++];
        if (auto judged = meter.judge(each.goals, now_ns))
          keep(*each.record, planned,
               {.time_ns = now_ns, .passed = judged->passed, .value = judged->value, .says = judged->says});
      }
    }
    if (now_ns >= recover_ns) continue;
    if (const auto reason = rules_.look(meter, now_ns)) options_.abort.ask("aborted by safety.abort_when: " + *reason);
  }
}

void ProbeWatch::keep(ProbeRecord& record, const PlannedMeasurement& planned, Measurement measurement) {
  std::optional<std::string> reason;
  bool changed = false;
  {
    const std::scoped_lock lock(mutex_);
    if (planned.part != RunPart::after) reason = rules_.measured(record.name, measurement);
    changed =
        record.samples.empty() ? !measurement.passed : record.samples.back().measurement.passed != measurement.passed;
    record.samples.push_back(
        {.measurement = measurement, .part = planned.part, .counts = planned.counts, .decides = planned.decides});
  }
  if (changed)
    options_.tell(fmt::format("  probe   {} {}: {}", record.name, measurement.passed ? "passes again" : "fails",
                              measurement.says));
  if (planned.decides && planned.part == RunPart::before && !measurement.passed)
    return options_.abort.refuse(
        fmt::format("probe {} failed before the faults: {}: {}", record.name, record.description, measurement.says));
  if (reason) options_.abort.ask("aborted by safety.abort_when: " + *reason);
}

}  // namespace fracas::controller
