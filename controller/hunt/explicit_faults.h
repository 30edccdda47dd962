#pragma once
#include "controller/plan/timeline.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

// The same experiment with each occurrence of its timeline written out as a [[fault]] of its own: at a fixed time, on
// the victims that were drawn, without `every`, `after` and `with`. What each does between its own hosts may still be
// drawn from the seed (the halves of a partition, who leads).
model::Experiment with_explicit_faults(const model::Experiment& experiment, const Timeline& timeline);

}  // namespace fracas::controller
