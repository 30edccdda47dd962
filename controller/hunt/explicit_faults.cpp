#include "controller/hunt/explicit_faults.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/model/ramp.h"

namespace fracas::controller {
namespace {

// A name that the reader takes: "kill#3" is an occurrence's, "kill.3" a fault's, by which it draws the same numbers.
// Whoever comes once is "kill" as before.
std::string name_of(const PlannedFault& fault, const model::Experiment& experiment) {
  const model::FaultSpec& spec = experiment.fault(static_cast<int>(fault.spec));
  if (!spec.has_every() && !fault.ramp_step && !spec.has_pulse()) return fault.name;
  std::string name = fault.id;
  std::replace(name.begin(), name.end(), '#', '.');
  return name;
}

// What the event of a `when` is called, now that the faults are their occurrences.
std::string event_of(model::RunEvent event, const Timeline& timeline, const model::Experiment& experiment) {
  for (const PlannedFault& planned : timeline.planned) {
    if (planned.name != event.fault) continue;
    event.fault = name_of(planned, experiment);
    break;
  }
  return model::to_text(event);
}

}  // namespace

model::Experiment with_explicit_faults(const model::Experiment& experiment, const Timeline& timeline) {
  model::Experiment result = experiment;
  result.clear_fault();
  for (const PlannedFault& planned : timeline.planned) {
    model::FaultSpec& spec = *result.add_fault();
    spec = experiment.fault(static_cast<int>(planned.spec));
    spec.set_name(name_of(planned, experiment));
    spec.clear_after();
    spec.clear_with();
    spec.clear_every();
    if (planned.ramp_step) ensure(model::apply_ramp_step(spec, *planned.ramp_step).has_value(), "the reader tried it");
    spec.clear_ramp();
    spec.clear_pulse();
    if (planned.awaited) {
      spec.mutable_when()->set_event(event_of(planned.awaited->event, timeline, experiment));
      *spec.mutable_when()->mutable_delay() = model::to_proto(planned.awaited->delay);
    }
    *spec.mutable_at() = model::to_proto(planned.start);
    *spec.mutable_for_() = model::to_proto(planned.length);
    // The victims of a partition follow from its shape.
    if (!planned.victims.empty() && !spec.has_net_partition())
      spec.set_on(fmt::format("{}", fmt::join(planned.victims, ", ")));
  }
  return result;
}

}  // namespace fracas::controller
