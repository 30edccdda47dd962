#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "controller/hunt/bug_benchmark.h"
#include "controller/target/bugs_known.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "targets/raft/bugs/bug_catalogue.h"
#include "targets/raft/core/bugs.h"
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
  std::vector<std::string> described;
  for (const raft::BugEntry& bug : raft::bug_catalogue()) described.push_back(bug.name);
  std::vector<std::string> switches = raft::bug_names();
  std::sort(described.begin(), described.end());
  std::sort(switches.begin(), switches.end());
  CHECK(described == switches);
  model::ReadOptions options;
  options.bugs_known = bugs_known();
  for (const raft::BugEntry& bug : raft::bug_catalogue()) {
    const auto file = model::read_experiment((experiments() / "canary" / (bug.name + ".toml")).string(), options);
    INFO(bug.name << ": " << (file ? "" : file.error().message));
    REQUIRE(file.has_value());
    const model::Experiment& experiment = file->experiment();
    CHECK(experiment.expect() == model::EXPECTATION_VIOLATED);
    REQUIRE(experiment.target().raft().bugs_size() == 1);
    CHECK(experiment.target().raft().bugs(0) == bug.name);
    // A check that can see it is among those of its canary.
    const auto checks = experiment.check();
    CHECK(std::any_of(checks.begin(), checks.end(),
                      [&](const auto& check) { return model::kind_of(check) == bug.found; }));
  }
}

TEST_CASE("bugs: the sound store passes the generic nemesis", "[unit][controller][sim]") {
  BugBenchmarkOptions options;
  options.experiments = experiments();
  options.jobs = 2;
  const auto sound = benchmark_soundness(options, 10);
  REQUIRE(sound.has_value());
  INFO(sound->first_failure);
  CHECK(sound->passed + sound->vacuous == 10);
  CHECK(sound->first_failure.empty());
}

TEST_CASE("bugs: the benchmark counts universes to the first violation, and knows the catalogue's names alone",
          "[unit][controller][sim]") {
  BugBenchmarkOptions options;
  options.experiments = experiments();
  options.names = {"stale-read"};
  options.hunts = 3;
  std::vector<BugResult> results;
  REQUIRE(benchmark_bugs(options, [&](const BugResult& result) { results.push_back(result); }).has_value());
  REQUIRE(results.size() == 1);
  CHECK(results.front().focused.found == 3);
  CHECK(results.front().focused.universes >= 1);
  CHECK(results.front().focused.check == "linearizable");
  CHECK(results.front().lab.runs == 0);
  options.names = {"no-such-bug"};
  CHECK_FALSE(benchmark_bugs(options, [](const BugResult&) {}).has_value());
}
