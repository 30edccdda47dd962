#include "controller/hunt/universe.h"

#include "controller/sim/simulate.h"
#include "controller/target/bugs_known.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

Result<model::ExperimentFile> checked(const model::Experiment& experiment) {
  model::ReadOptions options;
  options.bugs_known = bugs_known();
  auto file = model::check_experiment(experiment, "universe", options);
  if (!file) return file;
  if (auto possible = can_simulate(*file); !possible) return failure(std::move(possible).error());
  return file;
}

Result<RunRecord> run_universe(const Universe& universe) {
  const auto file = checked(universe.experiment);
  if (!file) return failure(file.error());
  const auto timeline = plan(*file, universe.seed);
  if (!timeline) return failure(timeline.error());
  return simulate(file->experiment(), *timeline);
}

std::string violated_check(const RunRecord& record) {
  for (const checker::CheckResult& check : record.checks)
    if (check.verdict == checker::Verdict::violated) return check.kind;
  return {};
}

}  // namespace fracas::controller
