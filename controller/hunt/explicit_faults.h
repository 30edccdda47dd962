#pragma once
#include "controller/plan/timeline.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

// The same experiment with each occurrence of its timeline written out as a [[fault]] of its own: at a fixed time, on
// the victims that were drawn, without `every`, `after` and `with`. What each does between its own hosts is still drawn
// from the seed, the same as before (the halves of a partition), or found out when it begins (who leads).
model::Experiment with_explicit_faults(const model::Experiment& experiment, const Timeline& timeline);

}  // namespace fracas::controller
