// The library's experiments, through the real program: the sound store passes, every planted bug is found.
#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "tests/catch/catch.h"
#include "tests/e2e/program.h"
#include "tests/e2e/residue.h"
#include "tests/tree/tree.h"

namespace {

using namespace fracas::test;

struct Running {
  std::string name;
  std::string seed;
  std::filesystem::path directory;
  Program program;
};

// Runs them all, at most `at_once` side by side as labs can be, and returns them ended. The next starts where the one
// that was begun first has ended.
std::vector<std::pair<Running, int>> run_together(const Scratch& scratch, const std::vector<std::string>& names,
                                                  const std::string& seed, std::size_t at_once = 3) {
  std::deque<Running> running;
  std::vector<std::pair<Running, int>> ended;
  const auto end_first = [&] {
    const int code = running.front().program.wait();
    ended.emplace_back(std::move(running.front()), code);
    running.pop_front();
  };
  for (const std::string& name : names) {
    if (running.size() == at_once) end_first();
    const auto directory = scratch.path() / ("run-" + std::filesystem::path(name).filename().string());
    running.push_back(
        {name, seed, directory,
         Program::start(scratch, {"run", experiment(name), "--seed", seed, "--out", directory.string()})});
  }
  while (!running.empty()) end_first();
  return ended;
}

}  // namespace

TEST_CASE("experiments: the bundled store passes them, three labs at a time, and nothing is left", "[e2e]") {
  const Scratch scratch;
  const Census before = take_census(scratch.state());
  for (auto& [one, code] : run_together(scratch,
                                        {"raft/partition-majority", "raft/majorities-ring", "raft/kill-leader",
                                         "raft/lossy-slow", "raft/pause-leader"},
                                        "11")) {
    INFO(one.name << "\n" << one.program.output());
    CHECK(code == 0);
    const auto verdict = read_verdict(one.directory);
    CHECK(verdict.value("outcome", "") == "pass");
    for (const char* file : {"experiment.toml", "plan.json", "history.jsonl", "effects.jsonl", "report.html",
                             "junit.xml", "manifest.json", "nodes/n1/events.jsonl"})
      CHECK(std::filesystem::exists(one.directory / file));
    for (const auto& fault : verdict["faults"]) CHECK(fault.value("had_effect", false));
  }
  CHECK(left_over_now(before, scratch.state()) == std::vector<std::string>{});
}

TEST_CASE("experiments: probes are measured where they say, and a control arm is played first", "[e2e]") {
  const Scratch scratch;
  const Census before = take_census(scratch.state());
  for (auto& [one, code] : run_together(scratch, {"steady/probes", "steady/control-arm"}, "11")) {
    INFO(one.name << "\n" << one.program.output());
    CHECK(code == 0);
    const auto verdict = read_verdict(one.directory);
    if (one.name == "steady/control-arm") {
      CHECK(verdict["control"].size() == 2);
      CHECK(std::filesystem::exists(one.directory / "control-2" / "verdict.json"));
      continue;
    }
    CHECK(verdict["probes"].size() == 3);
    for (const auto& probe : verdict["probes"]) CHECK(probe.value("measurements", 0) >= 2);
    CHECK(std::filesystem::exists(one.directory / "probes.jsonl"));
  }
  CHECK(left_over_now(before, scratch.state()) == std::vector<std::string>{});
}

TEST_CASE("experiments: faults wait for events, and hit who has the role then", "[e2e]") {
  const Scratch scratch;
  const Census before = take_census(scratch.state());
  for (auto& [one, code] :
       run_together(scratch, {"raft/kill-new-leader", "raft/old-leader-returns", "raft/most-lagging"}, "11")) {
    INFO(one.name << "\n" << one.program.output());
    CHECK(code == 0);
    std::size_t triggered = 0;
    for (const auto& fault : faults_of(one.directory)) {
      CHECK(fault.value("had_effect", false));
      if (!fault.contains("trigger")) continue;
      ++triggered;
      CHECK(fault["start"] >= fault["trigger_time"]);
    }
    CHECK(triggered == 1);
  }
  CHECK(left_over_now(before, scratch.state()) == std::vector<std::string>{});
}

TEST_CASE("experiments: the quorum store passes in both of its ways, and a planted bug of it is found", "[e2e]") {
  const Scratch scratch;
  const Census before = take_census(scratch.state());
  for (auto& [one, code] : run_together(
           scratch, {"quorum/atomic-partition", "quorum/siblings-partition", "canary/sloppy-as-strict"}, "11")) {
    INFO(one.name << "\n" << one.program.output());
    CHECK(code == 0);
    for (const auto& fault : faults_of(one.directory)) CHECK(fault.value("had_effect", false));
  }
  CHECK(left_over_now(before, scratch.state()) == std::vector<std::string>{});
}

TEST_CASE("faults: each has an effect on the running store, and its experiment comes out as it says", "[e2e]") {
  const Scratch scratch;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(fracas::tests::source_dir() + "/experiments/faults"))
    names.push_back("faults/" + entry.path().stem().string());
  std::sort(names.begin(), names.end());
  REQUIRE(names.size() >= 20);
  const Census before = take_census(scratch.state());
  constexpr std::size_t kAtOnce = 6;
  for (auto& [one, code] : run_together(scratch, names, "7", kAtOnce)) {
    INFO(one.name << "\n" << one.program.output());
    CHECK(code == 0);
    for (const auto& fault : faults_of(one.directory)) CHECK(fault.value("had_effect", false));
  }
  CHECK(left_over_now(before, scratch.state()) == std::vector<std::string>{});
}

TEST_CASE("canaries: every planted bug is found, and the counterexample names its fault window", "[e2e]") {
  const Scratch scratch;
  for (auto& [one, code] :
       run_together(scratch, {"canary/stale-read", "canary/duplicate-apply", "canary/vote-not-persisted"}, "5")) {
    INFO(one.name << "\n" << one.program.output());
    CHECK(code == 0);  // they expect the violation
    const auto verdict = read_verdict(one.directory);
    CHECK(verdict.value("outcome", "") == "violated");
    bool explained = false;
    for (const auto& check : verdict["checks"]) {
      const auto example = check.find("counterexample");
      if (example == check.end() || example->is_null()) continue;
      explained = explained || !(*example)["fault_windows"].empty();
    }
    CHECK(explained);
  }
}

TEST_CASE("experiments: a fault that meets no traffic makes the run vacuous", "[e2e]") {
  const Scratch scratch;
  const auto directory = scratch.path() / "run";
  const Ended ended = run(
      scratch, {"run", fracas::tests::source_dir() + "/tests/e2e/spares-never-talk.toml", "--out", directory.string()});
  INFO(ended.output);
  CHECK(ended.code == 3);
  CHECK(read_verdict(directory).value("outcome", "") == "vacuous");
}

TEST_CASE("experiments: the same over IPv6", "[e2e]") {
  const Scratch scratch;
  const Ended ended = run(scratch, {"run", experiment("raft/partition-majority"), "--set", "world.addresses=\"ipv6\"",
                                    "--seed", "3", "--out", (scratch.path() / "run").string()});
  INFO(ended.output);
  CHECK(ended.code == 0);
}
