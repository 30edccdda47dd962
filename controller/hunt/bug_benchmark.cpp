#include "controller/hunt/bug_benchmark.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/hunt/hunt.h"
#include "controller/sim/simulate.h"
#include "lib/os/clock.h"
#include "targets/raft/core/bugs.h"

namespace fracas::controller {
namespace {

Result<model::ExperimentFile> read(const std::filesystem::path& path, const std::vector<std::string>& overrides) {
  model::ReadOptions options;
  options.bugs_known = raft::bug_names();
  options.overrides = overrides;
  options.overrides.emplace_back("world.kind=sim");
  auto file = model::read_experiment(path.string(), options);
  if (!file) return failure(std::move(file).error());
  if (auto possible = can_simulate(*file); !possible) return failure(std::move(possible).error());
  return file;
}

HuntOptions hunt_options(const BugBenchmarkOptions& options, std::uint64_t universes) {
  HuntOptions hunting;
  hunting.first_seed = options.seed;
  hunting.universes_max = universes;
  hunting.time_max = options.time_max;
  hunting.jobs = options.jobs;
  hunting.stop = options.stop;
  return hunting;
}

double seconds_since(std::int64_t begin_ns) {
  return static_cast<double>(os::boot_now_ns() - begin_ns) / 1e9;
}

BugHunt hunt_one(const model::ExperimentFile& file, const BugBenchmarkOptions& options) {
  const std::int64_t begin_ns = os::boot_now_ns();
  const HuntResult result = hunt(file, hunt_options(options, options.universes_max));
  BugHunt found{.found = !result.violations.empty(), .universes = result.universes, .seconds = seconds_since(begin_ns)};
  if (found.found) found.check = result.violations.front().check;
  return found;
}

}  // namespace

Status benchmark_bugs(const BugBenchmarkOptions& options, const std::function<void(const BugResult&)>& learn) {
  const auto catalogue = raft::bug_catalogue();
  for (const std::string& name : options.names)
    if (std::none_of(catalogue.begin(), catalogue.end(), [&](const auto& bug) { return bug.name == name; }))
      return failure(fmt::format("no bug is called \"{}\"", name));
  for (const raft::BugEntry& bug : catalogue) {
    if (options.stop && options.stop()) return {};
    const bool wanted = options.names.empty() ||
                        std::find(options.names.begin(), options.names.end(), bug.name) != options.names.end();
    if (!wanted) continue;
    const auto generic = read(options.experiments / "nemesis" / "raft.toml",
                              {fmt::format("target.options.bugs=[\"{}\"]", bug.name), "expect=violated"});
    if (!generic) return failure(generic.error());
    const auto focused = read(options.experiments / "canary" / (bug.name + ".toml"), {});
    if (!focused) return failure(focused.error());
    BugResult result{.bug = bug, .generic = hunt_one(*generic, options), .focused = hunt_one(*focused, options)};
    learn(result);
  }
  return {};
}

Result<SoundResult> benchmark_soundness(const BugBenchmarkOptions& options, std::uint64_t universes) {
  const auto file = read(options.experiments / "nemesis" / "raft.toml", {});
  if (!file) return failure(file.error());
  const std::int64_t begin_ns = os::boot_now_ns();
  HuntOptions hunting = hunt_options(options, universes);
  hunting.time_max.reset();
  // Its own schedule, seed by seed: what a changed schedule does to availability is no mistake of the store.
  hunting.guided = false;
  const HuntResult result = hunt(*file, hunting);
  SoundResult sound{.universes = result.universes,
                    .passed = result.passed,
                    .vacuous = result.vacuous,
                    .seconds = seconds_since(begin_ns)};
  if (!result.violations.empty())
    sound.first_failure =
        fmt::format("seed {}: {}", result.violations.front().universe.seed, result.violations.front().reason);
  return sound;
}

}  // namespace fracas::controller
