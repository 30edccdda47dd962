#pragma once
#include <cstdint>
#include <string>

#include "controller/plan/timeline.h"
#include "controller/report/run_record.h"
#include "lib/base/result.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

// One simulated run of a hunt: an experiment as anybody could write it, and its seed. Repeats exactly.
struct Universe {
  model::Experiment experiment;
  std::uint64_t seed = 0;
};

// The experiment, read as a user's would be. ERRORS: it is not a valid one for the simulated world.
Result<model::ExperimentFile> checked(const model::Experiment& experiment);

// Checks the experiment as a user's would be checked, plans and simulates it. ERRORS: it is not a valid experiment for
// the simulated world; nothing ran.
Result<RunRecord> run_universe(const Universe& universe);

// The kind of the first check that the run violated; empty: none.
std::string violated_check(const RunRecord& record);

}  // namespace fracas::controller
