#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "controller/hunt/coverage.h"
#include "controller/hunt/explicit_faults.h"
#include "controller/hunt/hunt.h"
#include "controller/hunt/shrink.h"
#include "controller/sim/simulate.h"
#include "controller/target/bugs_known.h"
#include "lib/model/experiment.pb.h"
#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

using namespace fracas;
using namespace fracas::controller;
using namespace std::chrono_literals;

namespace {

model::ExperimentFile in_sim(const std::filesystem::path& path) {
  model::ReadOptions options;
  options.bugs_known = bugs_known();
  options.overrides = {"world.kind=sim"};
  auto file = model::read_experiment((std::filesystem::path(tests::source_dir()) / path).string(), options);
  INFO((file ? "" : file.error().message));
  REQUIRE(file.has_value());
  return std::move(*file);
}

RunRecord run(const model::ExperimentFile& file, std::uint64_t seed) {
  const auto timeline = plan(file, seed);
  INFO((timeline ? "" : timeline.error().message));
  REQUIRE(timeline.has_value());
  return simulate(file.experiment(), *timeline);
}

std::string written(const RunRecord& record) {
  std::string text;
  for (const model::Event& event : record.history) text += model::to_json_line(event) + "\n";
  for (const model::NodeEvent& event : record.node_events) text += model::to_json_line(event) + "\n";
  return text;
}

std::vector<std::filesystem::path> experiments(const char* folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(tests::source_dir()) / "experiments" / folder))
    if (entry.path().extension() == ".toml") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

TEST_CASE("simulation: the same seed gives the same history and events byte by byte, another seed others",
          "[unit][controller][sim]") {
  const auto file = in_sim("experiments/raft/lossy-slow.toml");
  const std::string once = written(run(file, 5));
  CHECK(once == written(run(file, 5)));
  CHECK(once != written(run(file, 6)));
  CHECK(std::count(once.begin(), once.end(), '\n') > 1000);
}

TEST_CASE("simulation: a seed of the quorum store repeats byte by byte, too", "[unit][controller][sim]") {
  const auto file = in_sim("experiments/quorum/loose-set.toml");
  const std::string once = written(run(file, 5));
  CHECK(once == written(run(file, 5)));
  CHECK(once != written(run(file, 6)));
  CHECK(std::count(once.begin(), once.end(), '\n') > 1000);
}

TEST_CASE("simulation: every experiment whose faults can be simulated ends as it expects, and its faults act",
          "[unit][controller][sim]") {
  int simulated = 0;
  for (const char* folder : {"raft", "quorum", "faults", "consistency"}) {
    for (const auto& path : experiments(folder)) {
      const auto file = in_sim(path);
      if (!can_simulate(file)) continue;
      ++simulated;
      const RunRecord record = run(file, 11);
      INFO(path.filename().string() << ": " << record.reason);
      CHECK(record.exit_code() == 0);
    }
  }
  CHECK(simulated >= 28);
}

TEST_CASE("simulation: a leader that answers from its memory keeps one order, and shows how stale its reads are",
          "[unit][controller][sim]") {
  const RunRecord record = run(in_sim("experiments/consistency/stale-but-sequential.toml"), 1);
  REQUIRE(record.checks.size() == 2);
  CHECK(record.checks[0].kind == "sequential");
  CHECK(record.checks[0].verdict == checker::Verdict::pass);
  CHECK(record.checks[0].levels.find("weakest that fails: linearizable") != std::string::npos);
  CHECK(record.checks[1].kind == "bounded-staleness");
  CHECK(record.checks[1].numbers.at("stale_ms") > 10);
}

TEST_CASE("simulation: what needs a real host is refused at its place", "[unit][controller][sim]") {
  const auto possible = can_simulate(in_sim("experiments/faults/cpu-stress.toml"));
  REQUIRE_FALSE(possible.has_value());
  CHECK(possible.error().message.find("cpu-stress.toml:") != std::string::npos);
  CHECK(possible.error().message.find("cpu.stress is not simulated") != std::string::npos);
  const auto outside = can_simulate(in_sim("experiments/faults/net-scope.toml"));
  REQUIRE_FALSE(outside.has_value());
  CHECK(outside.error().message.find("`prefixes` need a world of real ones") != std::string::npos);
  const auto chosen = can_simulate(in_sim("experiments/faults/process-kill-by-port.toml"));
  REQUIRE_FALSE(chosen.has_value());
  CHECK(chosen.error().message.find("choosing others needs a real host") != std::string::npos);
}

TEST_CASE("hunt: finds every planted bug of the canaries, and none where there is none", "[unit][controller][sim]") {
  for (const auto& path : experiments("canary")) {
    const auto file = in_sim(path);
    HuntOptions options;
    options.universes_max = 2000;
    options.jobs = 2;
    const HuntResult result = hunt(file, options);
    INFO(path.filename().string() << " in " << result.universes << " universes");
    CHECK_FALSE(result.violations.empty());
  }
  const auto file = in_sim("experiments/raft/kill-leader.toml");
  HuntOptions options;
  options.universes_max = 20;
  options.jobs = 2;
  const HuntResult result = hunt(file, options);
  CHECK(result.violations.empty());
  CHECK(result.universes == 20);
  CHECK(result.passed + result.vacuous + result.refused == 20);
  CHECK_FALSE(result.coverage.empty());
}

TEST_CASE("shrink: what is left violates the same check, and is smaller", "[unit][controller][sim]") {
  const auto file = in_sim("experiments/canary/stale-read.toml");
  HuntOptions options;
  options.universes_max = 200;
  const HuntResult result = hunt(file, options);
  REQUIRE_FALSE(result.violations.empty());
  const Violation& caught = result.violations.front();
  ShrinkOptions bound;
  bound.runs_max = 400;
  const Shrunk shrunk = shrink(caught.universe, caught.check, bound);
  CHECK(shrunk.faults <= 2);
  CHECK(shrunk.operations < 1000);
  const auto again = run_universe(shrunk.universe);
  REQUIRE(again.has_value());
  CHECK(violated_check(*again) == caught.check);
}

TEST_CASE("shrink: operations after the violation are cut off", "[unit][controller][sim]") {
  const auto file = in_sim("experiments/canary/duplicate-apply.toml");
  HuntOptions options;
  options.universes_max = 200;
  const HuntResult result = hunt(file, options);
  REQUIRE_FALSE(result.violations.empty());
  const Violation& caught = result.violations.front();
  ShrinkOptions bound;
  bound.runs_max = 2;  // so few that nothing but the cut can have done it
  const Shrunk shrunk = shrink(caught.universe, caught.check, bound);
  const auto before = run_universe(caught.universe);
  REQUIRE(before.has_value());
  CHECK(2 * shrunk.operations < before->history.size() / 2);
  CHECK(shrunk.universe.experiment.phases().recover().seconds() == 0);
}

TEST_CASE("shrink: bad availability is kept under less load, while the store without its bug keeps it up",
          "[unit][controller][sim]") {
  const auto file = in_sim("experiments/canary/no-pre-vote.toml");
  HuntOptions options;
  options.universes_max = 200;
  const HuntResult result = hunt(file, options);
  REQUIRE_FALSE(result.violations.empty());
  REQUIRE(result.violations.front().check == "availability");
  ShrinkOptions bound;
  bound.runs_max = 600;
  Shrunk shrunk = shrink(result.violations.front().universe, "availability", bound);
  CHECK(shrunk.operations <= 300);
  shrunk.universe.experiment.mutable_target()->mutable_raft()->clear_bugs();
  const auto sound = run_universe(shrunk.universe);
  REQUIRE(sound.has_value());
  CHECK(violated_check(*sound).empty());
}

TEST_CASE("explicit faults: occurrences that are written out do exactly what they did", "[unit][controller][sim]") {
  const auto file = in_sim("experiments/nemesis/raft.toml");
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto timeline = plan(file, seed);
    REQUIRE(timeline.has_value());
    const Universe once{with_explicit_faults(file.experiment(), *timeline), seed};
    const auto fixed = run_universe(once);
    REQUIRE(fixed.has_value());
    CHECK(written(*fixed) == written(run(file, seed)));
    // And written out once more they stay as they are.
    const auto again = checked(once.experiment);
    REQUIRE(again.has_value());
    const auto planned = plan(*again, seed);
    REQUIRE(planned.has_value());
    const auto twice = run_universe({with_explicit_faults(again->experiment(), *planned), seed});
    REQUIRE(twice.has_value());
    CHECK(written(*twice) == written(*fixed));
  }
}

TEST_CASE("coverage: a fault counts with the role of its victim and what the cluster was doing", "[unit][controller]") {
  std::vector<model::NodeEvent> events(2);
  events[0].time_ns = 1'000'000'000;
  events[0].node = "n1";
  events[1] = events[0];
  events[1].time_ns = 2'000'000'000;
  events[1].type = model::NodeEventType::role;
  events[1].term = 1;
  events[1].role = model::Role::leader;
  model::FaultWindow fault;
  fault.kind = "process.kill";
  fault.start_ns = 3'000'000'000;
  fault.effects.resize(2);
  fault.effects[0].host = "n1";
  fault.effects[0].counters.affected = 1;
  fault.effects[1].host = "n2";
  CHECK(coverage_of(std::vector{fault}, events) == Coverage{"process.kill/leader/steady"});
}

TEST_CASE("coverage: two faults that act on one host at the same time count together", "[unit][controller]") {
  std::vector<model::FaultWindow> faults(3);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    faults[i].kind = std::string(1, static_cast<char>('c' - i));
    faults[i].start_ns = static_cast<std::int64_t>(10 + i);
    faults[i].end_ns = 20;
    faults[i].effects.push_back({.host = i == 1 ? "n2" : "n1", .mechanism = "simulated", .counters = {.affected = 1}});
  }
  CHECK(coverage_of(faults, {}) == Coverage{"a+c", "a/none/steady", "b/none/steady", "c/none/steady"});
  faults[0].end_ns = faults[2].start_ns;
  CHECK_FALSE(coverage_of(faults, {}).contains("a+c"));
}
