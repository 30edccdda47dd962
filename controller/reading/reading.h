#pragma once
#include <string>
#include <vector>

#include "controller/plan/timeline.h"
#include "lib/base/result.h"
#include "lib/model/experiment.h"

namespace fracas::controller {

// Reads an experiment with what only the controller knows: the bugs of the bundled targets.
Result<model::ExperimentFile> read_experiment_file(const std::string& file, const std::vector<std::string>& overrides);

// An experiment that to_toml() wrote, changed in between; `name` stands for its file in errors.
Result<model::ExperimentFile> read_experiment_copy(const std::string& text, const std::string& name,
                                                   const std::vector<std::string>& overrides = {});

// The same of all experiments that the file's matrix stands for.
Result<std::vector<model::ExperimentFile>> read_experiment_files(const std::string& file,
                                                                 const std::vector<std::string>& overrides);

// Which seed to use and to record: `wanted` ("7", "random") before the experiment's own; "random" draws one.
std::uint64_t choose_seed(const model::ExperimentFile& file, const std::string& wanted);

// The timeline of a run with that seed, in a world that can do it. ERRORS: as plan(), check_fits() and can_simulate().
Result<Timeline> plan_run(const model::ExperimentFile& file, std::uint64_t seed);

// The --set that --world stands for, after the others; empty: the experiment's own world.
void choose_world(const std::string& world, std::vector<std::string>& overrides);

// Writes the error's lines to stderr and returns exit code 6.
int bad_input(const Error& error);

}  // namespace fracas::controller
