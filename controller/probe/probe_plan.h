#pragma once
#include <vector>

#include "controller/probe/measurement.h"
#include "lib/base/quantity.h"

namespace fracas::model {
class ProbeSpec;
}

namespace fracas::controller {

// How long the parts of a run last.
struct RunLengths {
  Duration before{};  // the warm-up
  Duration during{};  // the fault phase
  Duration after{};   // the recovery
};

// When a probe of a run is measured, from the begin of the warm-up.
struct PlannedMeasurement {
  Duration at{};
  RunPart part = RunPart::before;
  bool counts = false;  // as in ProbeSample
  bool decides = false;
};

// All measurements of a probe, by time. The one that decides before the faults, or after them, is over kProbeMargin
// before that part ends, even if it takes its timeout. Pure.
std::vector<PlannedMeasurement> plan_measurements(const model::ProbeSpec& spec, const RunLengths& lengths);

}  // namespace fracas::controller
