#include "controller/hunt/bug_benchmark.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <map>

#include "controller/hunt/hunt.h"
#include "controller/sim/simulate.h"
#include "controller/target/bugs_known.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"
#include "targets/quorum/bugs/bug_catalogue.h"
#include "targets/raft/bugs/bug_catalogue.h"

namespace fracas::controller {
namespace {

// Between the first seeds of two hunts: more than the universes of one.
constexpr std::uint64_t kSeedStride = 1'000'000'000;

Result<model::ExperimentFile> read(const std::filesystem::path& path, const std::vector<std::string>& overrides) {
  model::ReadOptions options;
  options.bugs_known = bugs_known();
  options.overrides = overrides;
  return model::read_experiment(path.string(), options);
}

Result<model::ExperimentFile> read_for_sim(const std::filesystem::path& path, std::vector<std::string> overrides) {
  overrides.emplace_back("world.kind=sim");
  auto file = read(path, overrides);
  if (!file) return file;
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

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

template <typename Number>
Number median(std::vector<Number> numbers) {
  if (numbers.empty()) return {};
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>((numbers.size() - 1) / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

BugHunts hunt_for(const model::ExperimentFile& file, const BugBenchmarkOptions& options) {
  BugHunts all;
  std::vector<std::uint64_t> universes;
  std::vector<double> seconds;
  std::map<std::string, unsigned> checks;
  while (all.hunts < options.hunts && !(options.stop && options.stop())) {
    HuntOptions hunting = hunt_options(options, options.universes_max);
    hunting.first_seed += kSeedStride * all.hunts++;
    const double begin = processor_seconds();
    const HuntResult result = hunt(file, hunting);
    if (result.violations.empty()) continue;
    ++all.found;
    universes.push_back(result.universes);
    seconds.push_back(processor_seconds() - begin);
    ++checks[result.violations.front().check];
  }
  all.universes = median(universes);
  all.seconds = median(seconds);
  const auto most =
      std::max_element(checks.begin(), checks.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != checks.end()) all.check = most->first;
  return all;
}

LabHunt hunt_in_lab(const model::ExperimentFile& file, const BugBenchmarkOptions& options) {
  LabHunt hunt;
  const std::int64_t begin_ns = os::boot_now_ns();
  while (hunt.runs < options.lab_runs && !hunt.found && !(options.stop && options.stop())) {
    const RunRecord record = options.run_in_lab(file, options.seed + hunt.runs++);
    hunt.found = record.outcome == Outcome::violated;
    hunt.check = violated_check(record);
  }
  hunt.seconds = seconds_since(begin_ns);
  return hunt;
}

Result<BugResult> measure(const node::BugEntry& bug, const BugBenchmarkOptions& options) {
  const auto generic = read_for_sim(options.experiments / "nemesis" / (bug.nemesis + ".toml"),
                                    {fmt::format("target.options.bugs=[\"{}\"]", bug.name), "expect=violated"});
  if (!generic) return failure(generic.error());
  const auto path = options.experiments / "canary" / (bug.name + ".toml");
  const auto focused = read_for_sim(path, {});
  if (!focused) return failure(focused.error());
  BugResult result{
      .bug = bug, .generic = hunt_for(*generic, options), .focused = hunt_for(*focused, options), .lab = {}};
  if (options.lab_runs == 0) return result;
  const auto lab = read(path, {"world.kind=lab"});
  if (!lab) return failure(lab.error());
  result.lab = hunt_in_lab(*lab, options);
  return result;
}

bool wanted(const node::BugEntry& bug, const BugBenchmarkOptions& options) {
  return options.names.empty() || std::ranges::find(options.names, bug.name) != options.names.end();
}

Result<SoundResult> measure_soundness(const std::string& nemesis, const BugBenchmarkOptions& options,
                                      std::uint64_t universes) {
  const auto file = read_for_sim(options.experiments / "nemesis" / (nemesis + ".toml"), {});
  if (!file) return failure(file.error());
  const std::int64_t begin_ns = os::boot_now_ns();
  HuntOptions hunting = hunt_options(options, universes);
  hunting.time_max.reset();
  // Its own schedule, seed by seed: what a changed schedule does to availability is no mistake of the store.
  hunting.guided = false;
  const HuntResult result = hunt(*file, hunting);
  SoundResult sound{.nemesis = nemesis,
                    .universes = result.universes,
                    .passed = result.passed,
                    .vacuous = result.vacuous,
                    .undecided = result.undecided,
                    .seconds = seconds_since(begin_ns)};
  if (!result.violations.empty())
    sound.first_failure =
        fmt::format("seed {}: {}", result.violations.front().universe.seed, result.violations.front().reason);
  return sound;
}

}  // namespace

std::vector<node::BugEntry> bug_catalogue() {
  std::vector<node::BugEntry> all = raft::bug_catalogue();
  std::ranges::move(quorum::bug_catalogue(), std::back_inserter(all));
  return all;
}

Status benchmark_bugs(const BugBenchmarkOptions& options, const std::function<void(const BugResult&)>& learn) {
  const auto catalogue = bug_catalogue();
  for (const std::string& name : options.names)
    if (std::none_of(catalogue.begin(), catalogue.end(), [&](const auto& bug) { return bug.name == name; }))
      return failure(fmt::format("no bug is called \"{}\"", name));
  for (const node::BugEntry& bug : catalogue) {
    if (options.stop && options.stop()) return {};
    if (!wanted(bug, options)) continue;
    auto result = measure(bug, options);
    if (!result) return failure(std::move(result).error());
    learn(*result);
  }
  return {};
}

Result<std::vector<SoundResult>> benchmark_soundness(const BugBenchmarkOptions& options, std::uint64_t universes) {
  std::vector<SoundResult> all;
  for (const node::BugEntry& bug : bug_catalogue()) {
    if (!wanted(bug, options) || std::ranges::find(all, bug.nemesis, &SoundResult::nemesis) != all.end()) continue;
    auto sound = measure_soundness(bug.nemesis, options, universes);
    if (!sound) return failure(std::move(sound).error());
    all.push_back(std::move(*sound));
  }
  return all;
}

}  // namespace fracas::controller
