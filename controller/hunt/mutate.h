#pragma once
#include "lib/base/random.h"
#include "lib/model/experiment.h"

namespace fracas::controller {

// Another schedule of the same kinds of faults: one of them moved, made longer or shorter, sent to other victims, left
// out, or repeated elsewhere. REQUIRES: explicit faults (explicit_faults.h). The result may be invalid in rare cases,
// which reading it finds.
// It has no checks of availability any more: what other faults do to that is no mistake of the system.
void mutate(model::Experiment& experiment, RandomStream& random);

// Leaves out each fault with a chance of one half, but not all. Source: A. Groce et al., Swarm Testing, ISSTA 2012:
// what one fault shows another one hides.
void thin_out(model::Experiment& experiment, RandomStream& random);

}  // namespace fracas::controller
