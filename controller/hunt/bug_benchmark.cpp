#include "controller/hunt/bug_benchmark.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <map>
#include <set>
#include <span>

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

struct Hunts {
  BugHunts found;
  std::optional<Violation> first;
};

Hunts hunt_for(std::span<const model::ExperimentFile> files, const BugBenchmarkOptions& options) {
  Hunts hunts;
  BugHunts& all = hunts.found;
  std::vector<std::uint64_t> universes;
  std::vector<double> seconds;
  std::map<std::string, unsigned> checks;
  while (all.hunts < options.hunts && !(options.stop && options.stop())) {
    HuntOptions hunting = hunt_options(options, options.universes_max);
    hunting.first_seed += kSeedStride * all.hunts++;
    const double begin = processor_seconds();
    HuntResult result = hunt(files, hunting);
    if (result.violations.empty()) continue;
    ++all.found;
    universes.push_back(result.universes);
    seconds.push_back(processor_seconds() - begin);
    ++checks[result.violations.front().check];
    if (!hunts.first) hunts.first = std::move(result.violations.front());
  }
  all.universes = median(universes);
  all.seconds = median(seconds);
  const auto most =
      std::max_element(checks.begin(), checks.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != checks.end()) all.check = most->first;
  return hunts;
}

std::optional<Shrunk> shrink_first(const Hunts& generic, const Hunts& focused, const BugBenchmarkOptions& options) {
  const auto& caught = generic.first ? generic.first : focused.first;
  if (!caught || options.shrink_time_max <= Duration::zero()) return std::nullopt;
  const std::int64_t end_ns = os::boot_now_ns() + options.shrink_time_max.count();
  ShrinkOptions bound;
  bound.stop = [&] { return os::boot_now_ns() >= end_ns || (options.stop && options.stop()); };
  return shrink(caught->universe, caught->check, bound);
}

LabHunt hunt_in_lab(const model::ExperimentFile& file, const BugBenchmarkOptions& options) {
  LabHunt hunt;
  const std::int64_t begin_ns = os::boot_now_ns();
  const std::int64_t latest_ns = begin_ns + options.lab_time_max.count();
  while (hunt.runs < options.lab_runs && !hunt.found && os::boot_now_ns() < latest_ns &&
         !(options.stop && options.stop())) {
    const RunRecord record = options.run_in_lab(file, options.seed + hunt.runs++);
    hunt.found = record.outcome == Outcome::violated;
    hunt.check = violated_check(record);
  }
  hunt.seconds = seconds_since(begin_ns);
  return hunt;
}

Result<std::vector<model::ExperimentFile>> read_nemeses(const node::BugEntry& bug, const BugBenchmarkOptions& options) {
  std::vector<model::ExperimentFile> files;
  for (const auto& path : nemeses_of(bug.target, options.experiments)) {
    auto file = read_for_sim(path, {fmt::format("target.options.bugs=[\"{}\"]", bug.name), "expect=violated"});
    if (!file) return failure(file.error());
    files.push_back(std::move(*file));
  }
  if (files.empty()) return failure((options.experiments / "nemesis").string() + " has no experiment of " + bug.target);
  return files;
}

Result<BugResult> measure(const node::BugEntry& bug, const BugBenchmarkOptions& options) {
  const auto nemeses = read_nemeses(bug, options);
  if (!nemeses) return failure(nemeses.error());
  const auto path = options.experiments / "canary" / (bug.name + ".toml");
  const auto canary = read_for_sim(path, {});
  if (!canary) return failure(canary.error());
  const Hunts generic = hunt_for(*nemeses, options);
  const Hunts focused = hunt_for({&*canary, 1}, options);
  BugResult result{.bug = bug,
                   .generic = generic.found,
                   .focused = focused.found,
                   .shrunk = shrink_first(generic, focused, options)};
  if (options.lab_runs == 0) return result;
  const auto lab = read(path, {"world.kind=lab"});
  if (!lab) return failure(lab.error());
  result.lab = hunt_in_lab(*lab, options);
  return result;
}

bool wanted(const node::BugEntry& bug, const BugBenchmarkOptions& options) {
  return options.names.empty() || std::ranges::find(options.names, bug.name) != options.names.end();
}

std::vector<std::filesystem::path> toml_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.path().extension() == ".toml") paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

SoundResult measure_soundness(const std::string& name, const model::ExperimentFile& file,
                              const BugBenchmarkOptions& options, std::uint64_t universes) {
  const std::int64_t begin_ns = os::boot_now_ns();
  HuntOptions hunting = hunt_options(options, universes);
  hunting.time_max.reset();
  const HuntResult result = hunt(file, hunting);
  SoundResult sound{.experiment = name,
                    .universes = result.universes - result.refused,
                    .passed = result.passed,
                    .vacuous = result.vacuous,
                    .undecided = result.undecided,
                    .seconds = seconds_since(begin_ns)};
  if (!result.violations.empty())
    sound.first_failure =
        fmt::format("seed {}: {}", result.violations.front().universe.seed, result.violations.front().reason);
  return sound;
}

// Those that are to pass, by name.
Result<std::map<std::string, model::ExperimentFile>> sound_experiments(
    const std::vector<std::filesystem::path>& paths) {
  std::map<std::string, model::ExperimentFile> files;
  for (const auto& path : paths) {
    auto file = read_for_sim(path, {});
    if (!file) return failure(file.error());
    if (file->experiment().expect() == model::EXPECTATION_VIOLATED) continue;
    files.emplace(path.parent_path().filename() / path.stem(), std::move(*file));
  }
  return files;
}

Status measure_each(const std::vector<std::filesystem::path>& paths, const BugBenchmarkOptions& options,
                    std::uint64_t universes, const std::function<void(const SoundResult&)>& learn) {
  const auto files = sound_experiments(paths);
  if (!files) return failure(files.error());
  for (const auto& [name, file] : *files) {
    if (options.stop && options.stop()) return {};
    learn(measure_soundness(name, file, options, (universes + files->size() - 1) / files->size()));
  }
  return {};
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

std::vector<std::filesystem::path> nemeses_of(const std::string& target, const std::filesystem::path& experiments) {
  std::vector<std::filesystem::path> paths = toml_files(experiments / "nemesis");
  std::erase_if(paths, [&](const std::filesystem::path& path) {
    const std::string name = path.stem().string();
    return name != target && !name.starts_with(target + "-");
  });
  return paths;
}

Status benchmark_soundness(const BugBenchmarkOptions& options, std::uint64_t universes,
                           const std::function<void(const SoundResult&)>& learn) {
  std::set<std::string> targets;
  for (const node::BugEntry& bug : bug_catalogue())
    if (wanted(bug, options)) targets.insert(bug.target);
  std::vector<std::filesystem::path> nemeses;
  std::vector<std::filesystem::path> others;
  for (const std::string& target : targets) {
    std::ranges::move(nemeses_of(target, options.experiments), std::back_inserter(nemeses));
    std::ranges::move(toml_files(options.experiments / target), std::back_inserter(others));
  }
  if (auto done = measure_each(nemeses, options, universes / 2, learn); !done) return done;
  return measure_each(others, options, universes - universes / 2, learn);
}

}  // namespace fracas::controller
