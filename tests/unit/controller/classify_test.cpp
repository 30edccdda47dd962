#include <algorithm>
#include <string>
#include <vector>

#include "checker/history/history_builder.h"
#include "controller/classify/conclude.h"
#include "controller/classify/report.h"
#include "controller/sim/simulate.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;
using namespace fracas::controller::classify;
using checker::Verdict;

namespace {

Ladder two_levels() {
  return Ladder({{"register", "linearizable", {"sequential"}}, {"register", "sequential"}});
}

Trial trial(std::string name, Stress stress, bool weakest = false) {
  return {.name = std::move(name), .doc = "", .stress = stress, .weakest = weakest};
}

const std::vector<Trial> kTrials{trial("none", Stress::none), trial("delay", Stress::delay),
                                 trial("partition", Stress::partition), trial("none-weakest", Stress::none, true),
                                 trial("delay-weakest", Stress::delay, true)};

Measured run(std::string name, Verdict linearizable = Verdict::pass, Verdict sequential = Verdict::pass) {
  Measured measured;
  measured.trial = std::move(name);
  measured.outcome = Outcome::pass;
  measured.operations = 100;
  measured.levels = {{.level = "linearizable", .verdict = linearizable, .summary = "", .counterexample = {}},
                     {.level = "sequential", .verdict = sequential, .summary = "", .counterexample = {}}};
  return measured;
}

// Reads and updates that half of it took so long.
Measured timed(std::string name, double read_ms, double update_ms) {
  Measured measured = run(std::move(name));
  const auto access = [](double p50_ms) {
    return AccessNumbers{.answers = {.asked = 50, .answered = 50},
                         .latency = {.p50_ms = p50_ms, .p90_ms = p50_ms, .p99_ms = p50_ms, .max_ms = p50_ms}};
  };
  measured.access = {access(read_ms), access(update_ms)};
  return measured;
}

// Of 100 operations asked on either side, so many were answered.
Measured split(std::uint64_t minority, std::uint64_t majority, Verdict linearizable) {
  Measured measured = run("partition", linearizable);
  const auto side = [](std::string node, std::uint64_t answered) {
    return SideNumbers{.nodes = {std::move(node)}, .answers = {Answers{100, answered}, Answers{100, answered}}};
  };
  measured.sides = {side("n1", minority), side("n2", majority)};
  return measured;
}

Classification concluded(const std::vector<Measured>& runs) {
  return conclude(two_levels(), kTrials, runs);
}

model::ExperimentFile read(const std::string& text) {
  auto file = model::read_experiment_text(text, "test", {});
  INFO((file ? "" : file.error().message));
  REQUIRE(file.has_value());
  return std::move(*file);
}

}  // namespace

TEST_CASE("classify: who refuses a side and stays linearizable is consistent under partition", "[unit][controller]") {
  CHECK(concluded({split(0, 100, Verdict::pass)}).cap == Cap::consistent);
  CHECK(concluded({split(30, 70, Verdict::pass)}).cap == Cap::consistent);
  // One run that diverged is enough to know better.
  CHECK(concluded({split(0, 100, Verdict::pass), split(0, 100, Verdict::violated)}).cap == Cap::neither);
}

TEST_CASE("classify: who goes on everywhere and diverges is available under partition", "[unit][controller]") {
  CHECK(concluded({split(99, 100, Verdict::violated)}).cap == Cap::available);
  CHECK(concluded({split(50, 100, Verdict::violated)}).cap == Cap::neither);
}

TEST_CASE("classify: what no theorem allows is unclear, as is a battery without a partition", "[unit][controller]") {
  CHECK(concluded({split(100, 100, Verdict::pass)}).cap == Cap::unclear);
  CHECK(concluded({run("none")}).cap == Cap::unclear);
  CHECK(concluded({split(0, 100, Verdict::undecided)}).cap == Cap::unclear);
  Measured vacuous = split(0, 100, Verdict::pass);
  vacuous.outcome = Outcome::vacuous;
  vacuous.levels.clear();
  const auto nothing = concluded({vacuous});
  CHECK(nothing.cap == Cap::unclear);
  CHECK(nothing.trials[2].runs == 0);
}

TEST_CASE("classify: a known delay tells how many round trips an answer waits for", "[unit][controller]") {
  const auto found = concluded({timed("none", 0.5, 0.7), timed("delay", 20.5, 40.7), timed("none-weakest", 0.2, 0.3),
                                timed("delay-weakest", 0.3, 0.4)});
  CHECK(found.pacelc == Pacelc::consistency);
  CHECK(found.own[0].p50_ms == Approx(0.5));
  CHECK(found.own[0].round_trips.value() == Approx(1));
  CHECK(found.own[1].round_trips.value() == Approx(2));
  REQUIRE(found.has_weakest);
  CHECK(found.weakest[0].round_trips.value() < 0.1);
  CHECK(concluded({timed("none", 0.2, 0.3), timed("delay", 0.3, 0.4)}).pacelc == Pacelc::latency);
  CHECK(concluded({timed("none", 0.2, 0.3)}).pacelc == Pacelc::unclear);
}

TEST_CASE("classify: a level holds if all runs kept it, and the weakest broken one is named with its run",
          "[unit][controller]") {
  const auto found = concluded({run("none"), run("partition", Verdict::violated)});
  CHECK(found.strongest == std::vector<std::string>{"sequential"});
  CHECK(found.broken == std::vector<std::string>{"linearizable"});
  CHECK(found.levels[0].broken_by == std::optional<std::size_t>(1));
  const auto worse = concluded({run("none"), run("partition", Verdict::violated, Verdict::violated)});
  CHECK(worse.strongest.empty());
  CHECK(worse.broken == std::vector<std::string>{"sequential"});
  CHECK(concluded({run("none", Verdict::undecided)}).strongest == std::vector<std::string>{"sequential"});
}

TEST_CASE("classify: the ladders of all workloads name levels that the checker knows, each behind what implies it",
          "[unit][controller]") {
  const std::string head = "name = \"a\"\nduration_max = \"2m\"\n[target]\nkind = \"raft\"\n[workload]\nkind = \"";
  for (const std::string kind : {"register", "cas-register", "append", "set", "counter", "queue", "unique-ids", "log",
                                 "txn-append", "txn-register", "bank", "lock", "echo"}) {
    const auto file = read(head + kind + "\"\n");
    const Ladder ladder = Ladder::of(file.experiment());
    INFO(kind);
    // No operations: every level holds, and none is unknown.
    const auto findings = judge_history(ladder, checker::history_of({}).value(), {});
    REQUIRE(findings.has_value());
    CHECK(findings->size() == ladder.rungs().size());
    std::vector<std::string_view> before;
    for (const Rung& rung : ladder.rungs()) {
      for (const std::string_view below : rung.implies) CHECK(std::ranges::find(before, below) == before.end());
      before.push_back(rung.level);
    }
    for (const Rung& rung : ladder.rungs())
      for (const std::string_view below : rung.implies) CHECK(std::ranges::find(before, below) != before.end());
  }
}

TEST_CASE("classify: every trial of every target that can be named is an experiment", "[unit][controller]") {
  for (const std::string target :
       {"raft", "quorum", "etcd", "zookeeper", "redis-sentinel", "redis-cluster", "postgres"}) {
    const auto text = default_experiment(target);
    REQUIRE(text.has_value());
    const auto subject = read(*text);
    for (const Trial& each : battery(subject.experiment())) {
      INFO(target << " " << each.name);
      model::ReadOptions options;
      options.overrides = each.overrides;
      const auto file = model::read_experiment_text(*text + each.faults, "trial", options);
      INFO((file ? "" : file.error().message));
      CHECK(file.has_value());
    }
  }
  CHECK_FALSE(default_experiment("exec").has_value());
  CHECK(default_experiment("rat").error().message.find("raft") != std::string::npos);
}

TEST_CASE("classify: a simulated split is measured by the side on which clients stand", "[unit][controller][sim]") {
  const auto subject = read(default_experiment("raft").value());
  const auto trials = battery(subject.experiment());
  const auto split = std::ranges::find(trials, "partition-first", &Trial::name);
  REQUIRE(split != trials.end());
  model::ReadOptions options;
  options.overrides = split->overrides;
  options.overrides.emplace_back("world.kind=sim");
  const auto file = model::read_experiment_text(default_experiment("raft").value() + split->faults, "trial", options);
  REQUIRE(file.has_value());
  const auto timeline = plan(*file, 3);
  REQUIRE(timeline.has_value());
  const Ladder ladder = Ladder::of(file->experiment());
  const auto measured = measure(*split, ladder, simulate(file->experiment(), *timeline));
  REQUIRE(measured.has_value());
  REQUIRE(measured->sides.size() == 2);
  // Two of five members answer nothing; the other three go on.
  CHECK(measured->sides[0].nodes == std::vector<std::string>{"n1", "n2"});
  for (const Answers& answers : measured->sides[0].answers) {
    CHECK(answers.asked > 5);
    CHECK(behaviour_of(answers) == Behaviour::refuses);
  }
  for (const Answers& answers : measured->sides[1].answers) CHECK(behaviour_of(answers) == Behaviour::goes_on);
  CHECK(measured->levels.front().is(Verdict::pass));
}

TEST_CASE("classify: a report names its statements, its runs and the operations of a proof", "[unit][controller]") {
  Report report{.target = "quorum, 5 nodes",
                .options = "mode = lww",
                .world = "sim",
                .weakest = "",
                .classification = {},
                .runs = {split(100, 100, Verdict::violated)},
                .folders = {"runs/partition-7"}};
  report.runs[0].seed = 7;
  checker::Counterexample proof;
  proof.key = "k3";
  proof.operations.push_back({.client = "c4",
                              .node = "n2",
                              .function = "read",
                              .argument = "",
                              .result = "5",
                              .outcome = checker::Outcome::ok,
                              .invoke_ns = 1'000'000,
                              .return_ns = 2'000'000});
  report.runs[0].levels[0].summary = "not linearizable: read 5";
  report.runs[0].levels[0].counterexample = proof;
  report.classification = concluded(report.runs);
  const std::string text = to_markdown(report);
  for (const char* words : {"available (AP)", "mode = lww", "linearizable", "runs/partition-7", "seed 7", "c4 at n2",
                            "read k3", "100 of 100"}) {
    INFO(words << " in " << text);
    CHECK(text.find(words) != std::string::npos);
  }
  const std::string json = to_json(report);
  for (const char* words : {"\"under_partition\": \"AP\"", "\"run\": \"runs/partition-7\"", "\"weakest_broken\""})
    CHECK(json.find(words) != std::string::npos);
}
