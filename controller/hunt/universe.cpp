#include "controller/hunt/universe.h"

#include "controller/sim/simulate.h"
#include "controller/target/bugs_known.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

Result<RunRecord> run_universe(const Universe& universe) {
  model::ReadOptions options;
  options.bugs_known = bugs_known();
  const auto file = model::check_experiment(universe.experiment, "universe", options);
  if (!file) return failure(file.error());
  if (auto possible = can_simulate(*file); !possible) return failure(std::move(possible).error());
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
