#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "controller/hunt/bug_benchmark.h"
#include "controller/target/bugs_known.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

std::filesystem::path experiments() {
  return std::filesystem::path(tests::source_dir()) / "experiments";
}

}  // namespace

TEST_CASE("bugs: the catalogue describes every switch, and each has a canary of its name that plants it alone",
          "[unit][controller]") {
  std::map<std::string, std::vector<std::string>> described;
  for (const node::BugEntry& bug : bug_catalogue()) described[bug.target].push_back(bug.name);
  auto switches = bugs_known();
  for (auto& [target, names] : described) std::ranges::sort(names);
  for (auto& [target, names] : switches) std::ranges::sort(names);
  CHECK(described == switches);
  model::ReadOptions options;
  options.bugs_known = bugs_known();
  for (const node::BugEntry& bug : bug_catalogue()) {
    const auto file = model::read_experiment((experiments() / "canary" / (bug.name + ".toml")).string(), options);
    INFO(bug.name << ": " << (file ? "" : file.error().message));
    REQUIRE(file.has_value());
    const model::Experiment& experiment = file->experiment();
    CHECK(experiment.expect() == model::EXPECTATION_VIOLATED);
    CHECK(model::kind_of(experiment.target()) == bug.target);
    const auto& planted =
        bug.target == "raft" ? experiment.target().raft().bugs() : experiment.target().quorum().bugs();
    REQUIRE(planted.size() == 1);
    CHECK(planted[0] == bug.name);
    // A check that can see it is among those of its canary.
    const auto checks = experiment.check();
    CHECK(std::any_of(checks.begin(), checks.end(),
                      [&](const auto& check) { return model::kind_of(check) == bug.found; }));
    CHECK_FALSE(nemeses_of(bug.target, experiments()).empty());
  }
}

TEST_CASE("bugs: the sound stores pass the nemeses, and what is written for them", "[unit][controller][sim]") {
  BugBenchmarkOptions options;
  options.experiments = experiments();
  options.jobs = 2;
  std::vector<SoundResult> all;
  REQUIRE(benchmark_soundness(options, 100, [&](const SoundResult& sound) { all.push_back(sound); }).has_value());
  std::uint64_t universes = 0;
  for (const SoundResult& sound : all) {
    INFO(sound.experiment << ": " << sound.first_failure);
    universes += sound.universes;
    CHECK(sound.first_failure.empty());
    CHECK(sound.universes > 0);
  }
  CHECK(universes >= 100);
  const auto named = [&](const char* name) { return std::ranges::count(all, name, &SoundResult::experiment); };
  CHECK(named("nemesis/raft") == 1);
  CHECK(named("nemesis/quorum-set") == 1);
  CHECK(named("raft/kill-leader") == 1);
  CHECK(named("quorum/weak-quorums") == 0);  // expects to be violated
}

TEST_CASE("bugs: the benchmark counts universes to the first violation, and knows the catalogue's names alone",
          "[unit][controller][sim]") {
  BugBenchmarkOptions options;
  options.experiments = experiments();
  options.names = {"stale-read"};
  options.hunts = 3;
  options.shrink_time_max = std::chrono::seconds(5);
  std::vector<BugResult> results;
  REQUIRE(benchmark_bugs(options, [&](const BugResult& result) { results.push_back(result); }).has_value());
  REQUIRE(results.size() == 1);
  CHECK(results.front().focused.found == 3);
  CHECK(results.front().focused.universes >= 1);
  CHECK(results.front().focused.check == "linearizable");
  CHECK(results.front().generic.found > 0);
  REQUIRE(results.front().shrunk.has_value());
  CHECK(results.front().shrunk->operations > 0);
  CHECK(results.front().lab.runs == 0);
  options.names = {"no-such-bug"};
  CHECK_FALSE(benchmark_bugs(options, [](const BugResult&) {}).has_value());
}
