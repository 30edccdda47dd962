#include "controller/reading/reading.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <cstdio>

#include "controller/report/run_record.h"
#include "controller/run/data_checks.h"
#include "controller/sim/simulate.h"
#include "controller/target/bugs_known.h"
#include "controller/inventory/inventory.h"
#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

namespace {

model::ReadOptions options_with(const std::vector<std::string>& overrides) {
  model::ReadOptions options;
  options.overrides = overrides;
  options.bugs_known = bugs_known();
  options.inventory = [](const std::string& inventory, const std::string& beside) {
    return find_inventory(inventory, std::filesystem::absolute(beside).parent_path());
  };
  return options;
}

}  // namespace

Result<model::ExperimentFile> read_experiment_file(const std::string& file, const std::vector<std::string>& overrides) {
  return model::read_experiment(file, options_with(overrides));
}

Result<model::ExperimentFile> read_experiment_copy(const std::string& text, const std::string& name,
                                                   const std::vector<std::string>& overrides) {
  return model::read_experiment_text(text, name, options_with(overrides));
}

Result<std::vector<model::ExperimentFile>> read_experiment_files(const std::string& file,
                                                                 const std::vector<std::string>& overrides) {
  return model::read_experiments(file, options_with(overrides));
}

std::uint64_t choose_seed(const model::ExperimentFile& file, const std::string& wanted) {
  const model::Seed& own = file.experiment().seed();
  if (!wanted.empty() && wanted != "random") return std::stoull(wanted);
  if (wanted.empty() && !own.random()) return own.value();
  std::uint32_t drawn = 0;  // short enough to be typed again
  ensure(::getrandom(&drawn, sizeof drawn, 0) == sizeof drawn, "getrandom(2) gives four bytes");
  return drawn;
}

Result<Timeline> plan_run(const model::ExperimentFile& file, std::uint64_t seed) {
  if (auto fits = check_fits(file); !fits) return failure(std::move(fits).error());
  if (file.experiment().world().kind() == model::WORLD_KIND_SIM)
    if (auto possible = can_simulate(file); !possible) return failure(std::move(possible).error());
  return plan(file, seed);
}

void choose_world(const std::string& world, std::vector<std::string>& overrides) {
  if (!world.empty()) overrides.push_back("world.kind=" + world);
}

int bad_input(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return static_cast<int>(Outcome::bad_input);
}

}  // namespace fracas::controller
