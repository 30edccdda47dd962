#include "controller/probe/probe_plan.h"

#include <algorithm>
#include <array>

#include "lib/model/experiment.h"
#include "lib/model/probe.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

bool asked(const model::ProbeSpec& spec, model::ProbeMoment moment) {
  return std::find(spec.when().begin(), spec.when().end(), moment) != spec.when().end();
}

struct Part {
  RunPart part = RunPart::before;
  model::ProbeMoment moment = model::PROBE_MOMENT_BEFORE;
  Duration begin{};
  Duration end{};
};

void plan_part(const model::ProbeSpec& spec, const Part& part, std::vector<PlannedMeasurement>& plan) {
  const bool always = asked(spec, model::PROBE_MOMENT_CONTINUOUS);
  const bool own = asked(spec, part.moment);
  if (!always && !own) return;
  const Duration interval = model::from_proto(spec.interval());
  const bool decides = own && part.part != RunPart::during;
  const Duration last = part.end - model::from_proto(spec.timeout()) - model::kProbeMargin;
  const bool counts = always || part.part == RunPart::during;
  for (Duration at = part.begin; at < (decides ? last : part.end); at += interval)
    plan.push_back({.at = at, .part = part.part, .counts = counts});
  if (decides) plan.push_back({.at = std::max(last, part.begin), .part = part.part, .counts = counts, .decides = true});
  if (!decides || !always) return;
  for (Duration at = last + interval; at < part.end; at += interval)
    plan.push_back({.at = at, .part = part.part, .counts = true});
}

}  // namespace

std::vector<PlannedMeasurement> plan_measurements(const model::ProbeSpec& spec, const RunLengths& lengths) {
  const Duration faults = lengths.before;
  const Duration recover = faults + lengths.during;
  std::vector<PlannedMeasurement> plan;
  for (const Part& part : std::array<Part, 3>{{
           {RunPart::before, model::PROBE_MOMENT_BEFORE, Duration{}, faults},
           {RunPart::during, model::PROBE_MOMENT_DURING, faults, recover},
           {RunPart::after, model::PROBE_MOMENT_AFTER, recover, recover + lengths.after},
       }})
    plan_part(spec, part, plan);
  return plan;
}

}  // namespace fracas::controller
