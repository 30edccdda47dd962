// What the experiment language says of a run's course, in simulated worlds.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "controller/run/control_arm.h"
#include "controller/sim/simulate.h"
#include "controller/target/bugs_known.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/file.h"
#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

model::ExperimentFile read(const std::string& path, std::vector<std::string> overrides = {},
                           const std::string& more = "") {
  model::ReadOptions options;
  options.bugs_known = bugs_known();
  options.overrides = std::move(overrides);
  options.overrides.push_back("world.kind=sim");
  const auto text = os::read_file(std::filesystem::path(tests::source_dir()) / path);
  REQUIRE(text.has_value());
  auto file = model::read_experiment_text(*text + more, path, options);
  if (!file) FAIL(file.error().message);
  return std::move(*file);
}

RunRecord run(const model::ExperimentFile& file, std::uint64_t seed, const std::vector<ControlRun>& control = {}) {
  const auto timeline = plan(file, seed);
  if (!timeline) FAIL(timeline.error().message);
  return simulate(file.experiment(), *timeline, nullptr, control);
}

const model::FaultWindow& window_of(const RunRecord& record, const std::string& name) {
  const auto found = std::find_if(record.faults.begin(), record.faults.end(),
                                  [&name](const model::FaultWindow& fault) { return fault.name == name; });
  if (found == record.faults.end()) FAIL("no fault " << name);
  return *found;
}

// Who led last before a moment, by the nodes' own words.
std::string leader_before(const RunRecord& record, std::int64_t time_ns) {
  std::string leader;
  for (const model::NodeEvent& event : record.node_events)
    if (event.time_ns <= time_ns && event.type == model::NodeEventType::role && event.role == model::Role::leader)
      leader = event.node;
  return leader;
}

}  // namespace

TEST_CASE("language: a fault that waits for an election hits whom it elected, as long after as it says",
          "[unit][controller][sim]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RunRecord record = run(read("experiments/raft/kill-new-leader.toml"), seed);
    INFO(record.reason);
    CHECK(record.exit_code() == 0);
    const model::FaultWindow& second = window_of(record, "second");
    const std::string leader = leader_before(record, second.trigger_ns);
    CHECK(second.trigger == "leader-elected: " + leader + " leads");
    CHECK(second.start_ns - second.trigger_ns == 200'000'000);
    REQUIRE(second.effects.size() == 1);
    CHECK(second.effects[0].host == leader);
  }
}

TEST_CASE("language: the old leader is who led before the fault it waits for", "[unit][controller][sim]") {
  const RunRecord record = run(read("experiments/raft/old-leader-returns.toml"), 3);
  const model::FaultWindow& freeze = window_of(record, "freeze");
  const model::FaultWindow& deaf = window_of(record, "deaf");
  REQUIRE(freeze.effects.size() == 1);
  REQUIRE(deaf.effects.size() == 1);
  CHECK(deaf.effects[0].host == freeze.effects[0].host);
  CHECK(deaf.trigger == "fault:freeze:ended: freeze#1");
  CHECK(deaf.trigger_ns == freeze.end_ns);
}

TEST_CASE("language: an event that does not come leaves its fault out, and the run proves nothing",
          "[unit][controller][sim]") {
  const auto file = read("experiments/raft/kill-new-leader.toml", {"fault.1.at=6s", "fault.1.when.within=500ms"});
  const RunRecord record = run(file, 1);
  CHECK(record.outcome == Outcome::vacuous);
  CHECK(window_of(record, "second").description.ends_with("(not injected: no leader-elected within 500ms)"));
}

TEST_CASE("language: a first violation can start a fault", "[unit][controller][sim]") {
  const auto file = read("experiments/canary/stale-read.toml", {},
                         "[[fault]]\nkind = \"net.loss\"\nname = \"then\"\nloss = \"5%\"\nfor = \"1s\"\n"
                         "when = \"first-violation\"\n");
  bool started = false;
  for (std::uint64_t seed = 1; seed <= 20 && !started; ++seed) {
    const RunRecord record = run(file, seed);
    if (record.outcome != Outcome::violated) continue;
    const model::FaultWindow& then = window_of(record, "then");
    started = then.trigger.starts_with("first-violation: ");
    if (started) CHECK(then.start_ns >= then.trigger_ns);
  }
  CHECK(started);
}

TEST_CASE("language: conditions end the faults at once, and say why", "[unit][controller][sim]") {
  const auto file =
      read("experiments/raft/partition-majority.toml", {"safety.abort_when=[\"latency p50 > 1us over 1s\"]"});
  const RunRecord record = run(file, 1);
  CHECK(record.outcome == Outcome::aborted);
  CHECK(record.exit_code() == 4);
  CHECK(record.reason.starts_with("aborted by safety.abort_when: latency p50 > 1us over 1s: latency p50 "));
  for (const model::FaultWindow& fault : record.faults) CHECK(fault.end_ns <= record.phases.end_ns);
}

TEST_CASE("language: a probe of the workload that fails before the faults keeps them from starting",
          "[unit][controller][sim]") {
  const auto file = read("experiments/steady/guarded.toml", {"probe.0.ok_rate_min=0%", "probe.0.latency_max=1us"});
  const RunRecord record = run(file, 1);
  CHECK(record.outcome == Outcome::could_not_run);
  CHECK(record.exit_code() == 5);
  CHECK(
      record.reason.starts_with("probe slo failed before the faults: latency p99 at most 1us, over 1s: latency p99 "));
  CHECK(record.faults.empty());
}

TEST_CASE("language: a probe's measurements are kept, and judged as a check", "[unit][controller][sim]") {
  const RunRecord record = run(read("experiments/steady/guarded.toml"), 2);
  INFO(record.reason);
  CHECK(record.exit_code() == 0);
  REQUIRE(record.probes.size() == 1);
  CHECK(record.probes[0].samples.size() >= 40);
  REQUIRE(record.checks.size() == 2);
  CHECK(record.checks[1].kind == "probe slo");
  CHECK(record.checks[1].numbers.at("measurements") == static_cast<double>(record.probes[0].samples.size()));
}

TEST_CASE("language: availability is held against the control arm", "[unit][controller][sim]") {
  const auto file = read("experiments/steady/control-arm.toml");
  CHECK(run(file, 1).outcome == Outcome::undecided);
  auto quiet = model::check_experiment(control_of(file.experiment()), "control", {});
  REQUIRE(quiet.has_value());
  const RunRecord control = run(*quiet, 1);
  CHECK(control.outcome == Outcome::pass);
  const ControlRun floor = measure_control(control);
  CHECK(floor.operations > 1000);
  CHECK(floor.ok_rate > 0.99);
  const RunRecord record = run(file, 1, {floor});
  INFO(record.reason);
  CHECK(record.outcome == Outcome::pass);
  CHECK(record.control_says.starts_with("1 run without faults: ok-rate "));
  const auto strict = read("experiments/steady/control-arm.toml", {"check.1.latency_p99_times_max=1"});
  CHECK(run(strict, 1, {floor}).outcome == Outcome::violated);
}

TEST_CASE("simulation: a probe that needs a real host is refused at its place", "[unit][controller][sim]") {
  const auto possible = can_simulate(read("experiments/steady/probes.toml"));
  REQUIRE_FALSE(possible.has_value());
  CHECK(possible.error().message.find("a probe of kind tcp needs a world of real hosts") != std::string::npos);
}
