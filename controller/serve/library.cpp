#include "controller/serve/library.h"

#include "controller/reading/reading.h"
#include "controller/serve/run_folders.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

LibraryExperiment describe(const std::filesystem::path& folder, const std::string& file) {
  LibraryExperiment listed{.file = file,
                           .name = "",
                           .doc = "",
                           .target = "",
                           .world = "",
                           .expect = "",
                           .group = std::filesystem::path(file).parent_path().string()};
  const auto read = read_experiment_files((folder / file).string(), {});
  if (!read) return listed;
  const model::Experiment& experiment = read->front().experiment();
  listed.name = experiment.name();
  listed.doc = experiment.doc();
  listed.target = model::kind_of(experiment.target());
  listed.world = world_word(experiment);
  listed.expect = experiment.expect() == model::EXPECTATION_VIOLATED ? "violated" : "pass";
  return listed;
}

}  // namespace

std::string world_word(const model::Experiment& experiment) {
  switch (experiment.world().kind()) {
    case model::WORLD_KIND_SIM:
      return "sim";
    case model::WORLD_KIND_FLEET:
      return "fleet";
    default:
      return "lab";
  }
}

std::vector<LibraryExperiment> Library::list() {
  const std::scoped_lock lock(mutex_);
  std::vector<LibraryExperiment> experiments;
  for (const std::string& file : files_below(folder_, kFilesMax)) {
    if (!file.ends_with(".toml")) continue;
    std::error_code gone;
    const auto changed = std::filesystem::last_write_time(folder_ / file, gone);
    if (gone) continue;
    auto known = known_.find(file);
    if (known == known_.end() || known->second.changed != changed)
      known = known_.insert_or_assign(file, Known{changed, describe(folder_, file)}).first;
    if (!known->second.experiment.name.empty()) experiments.push_back(known->second.experiment);
  }
  return experiments;
}

}  // namespace fracas::controller
