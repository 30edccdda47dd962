#pragma once
#include "lib/base/random.h"
#include "lib/model/experiment.h"

namespace fracas::controller {

// Another schedule of the same kinds of faults: one of them moved, made longer or shorter, sent to other victims, left
// out, or repeated elsewhere. REQUIRES: explicit faults (explicit_faults.h). The result may be invalid in rare cases,
// which reading it finds.
void mutate(model::Experiment& experiment, RandomStream& random);

}  // namespace fracas::controller
