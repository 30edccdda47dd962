#include "controller/gameday/experiment_library.h"

#include <filesystem>

#include "controller/reading/reading.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller::gameday {

ReadExperiment experiments_below(const std::string& folder) {
  return [folder](const std::string& file, const std::vector<std::string>& overrides) -> Result<LibraryExperiment> {
    const auto read = read_experiment_file((std::filesystem::path(folder) / file).string(), overrides);
    if (!read) return failure(read.error());
    const auto timeline = plan_run(*read, choose_seed(*read, ""));
    if (!timeline) return failure(timeline.error());
    return LibraryExperiment{.name = read->experiment().name(),
                             .violation_expected = read->experiment().expect() == model::EXPECTATION_VIOLATED,
                             .length = timeline->total(),
                             .toml = model::to_toml(read->experiment())};
  };
}

}  // namespace fracas::controller::gameday
