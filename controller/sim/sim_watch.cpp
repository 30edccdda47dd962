#include "controller/sim/sim_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "controller/run/probe_watch.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

constexpr Duration kLookEvery = std::chrono::milliseconds(100);

// Whether somebody wants to know of the first violation.
bool wants_violation(const model::Experiment& experiment, const Timeline& timeline) {
  return experiment.stop_on() == model::STOP_ON_VIOLATION ||
         std::any_of(timeline.planned.begin(), timeline.planned.end(), [](const PlannedFault& fault) {
           return fault.awaited && fault.awaited->event.kind == model::RunEventKind::first_violation;
         });
}

Duration memory_of(const model::Experiment& experiment, const AbortRules& rules) {
  Duration longest = rules.memory();
  for (const model::ProbeSpec& probe : experiment.probe())
    if (probe.has_workload()) longest = std::max(longest, model::from_proto(probe.workload().over()));
  return longest;
}

}  // namespace

SimWatch::SimWatch(const Run& run)
    : run_(run),
      begin_(run.world.scheduler().now()),
      live_(wants_violation(run.experiment, run.timeline) ? LiveCheck::of(run.experiment) : nullptr),
      rules_(run.experiment),
      records_(begin_probes(run.experiment, {})),
      meter_(memory_of(run.experiment, rules_)) {
  const RunLengths lengths{.before = run.timeline.warmup, .during = run.timeline.faults, .after = run.timeline.recover};
  for (int i = 0; i < run.experiment.probe_size(); ++i) {
    const model::ProbeSpec& spec = run.experiment.probe(i);
    probes_.push_back({.goals = workload_goals(spec.workload()),
                       .record = static_cast<std::size_t>(i),
                       .plan = plan_measurements(spec, lengths)});
  }
}

SimWatch::End SimWatch::pass(Duration end) {
  sim::Scheduler& scheduler = run_.world.scheduler();
  while (scheduler.now() < end && (live_ || !probes_.empty() || rules_.looks_at_workload())) {
    scheduler.run_until(std::min(end, scheduler.now() + kLookEvery));
    if (const End how = look(); how != End::none) return how;
  }
  scheduler.run_until(end);
  return End::none;
}

SimWatch::End SimWatch::must_end(End how, std::string reason) {
  reason_ = std::move(reason);
  return how;
}

SimWatch::End SimWatch::look() {
  if (live_)
    if (const End how = look_at_checks(); how != End::none) return how;
  meter_.follow(std::span(run_.load.history()).subspan(meter_.events()));
  for (Looking& looking : probes_)
    if (const End how = look_at_probe(looking); how != End::none) return how;
  const Duration recover = begin_ + run_.timeline.warmup + run_.timeline.faults;
  if (run_.world.scheduler().now() >= recover) return End::none;
  if (auto why = rules_.look(meter_, run_.world.now_ns()))
    return must_end(End::aborted, "aborted by safety.abort_when: " + *why);
  return End::none;
}

SimWatch::End SimWatch::look_at_checks() {
  live_->follow(std::span(run_.load.history()).subspan(live_->events()));
  if (!live_->violated()) return End::none;
  if (run_.experiment.stop_on() == model::STOP_ON_VIOLATION) return must_end(End::found, live_->sentence());
  run_.injector.happen({.event = {.kind = model::RunEventKind::first_violation, .fault = {}},
                        .time_ns = run_.world.now_ns(),
                        .detail = live_->sentence()});
  live_.reset();
  return End::none;
}

SimWatch::End SimWatch::look_at_probe(Looking& looking) {
  ProbeRecord& record = records_[looking.record];
  const Duration now = run_.world.scheduler().now() - begin_;
  while (looking.next < looking.plan.size() && looking.plan[looking.next].at <= now) {
    const PlannedMeasurement& planned = looking.plan[looking.next++];
    const auto judged = meter_.judge(looking.goals, run_.world.now_ns());
    if (!judged) continue;
    const Measurement measured{
        .time_ns = run_.world.now_ns(), .passed = judged->passed, .value = judged->value, .says = judged->says};
    record.samples.push_back(
        {.measurement = measured, .part = planned.part, .counts = planned.counts, .decides = planned.decides});
    if (planned.decides && planned.part == RunPart::before && !measured.passed)
      return must_end(End::refused, fmt::format("probe {} failed before the faults: {}: {}", record.name,
                                                record.description, measured.says));
    if (planned.part == RunPart::after) continue;
    if (auto why = rules_.measured(record.name, measured))
      return must_end(End::aborted, "aborted by safety.abort_when: " + *why);
  }
  return End::none;
}

}  // namespace fracas::controller
