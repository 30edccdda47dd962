#include <algorithm>
#include <chrono>
#include <cmath>

#include "agent/clock/probe.h"
#include "agent/clock/sweep.h"
#include "lib/model/agent.pb.h"
#include "tests/kernel/agent_fixture.h"
#include "tests/kernel/clock_fixture.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_CLOCKS()                                  \
  if (!can_run_agent() || !can_patch_clocks())            \
  FRACAS_SKIP(                                            \
      "needs root, cgroup2, namespaces and the victims' " \
      "programs")

namespace {

model::Injection skewing(const std::string& offset) {
  model::Injection injection;
  injection.mutable_scope()->add_services("reader");
  injection.mutable_clock_skew()->set_offset(offset);
  return injection;
}

pid_t start_reader(const AgentFixture& fixture, std::vector<std::string> argv = {clock_victim("clock_watch")}) {
  auto pid = fixture.client().start_service({.name = "reader",
                                             .argv = std::move(argv),
                                             .working_directory = "/",
                                             .output = (fixture.folder() / "reader.log").string()});
  INFO((pid ? "" : pid.error().message) << "\n" << fixture.log());
  REQUIRE(pid);
  return *pid;
}

// The first number of the last line that the service printed.
double shown(const AgentFixture& fixture) {
  const std::string text = os::read_file(fixture.folder() / "reader.log").value_or("");
  const std::size_t end = text.rfind('\n');
  if (end == std::string::npos || end == 0) return 0;
  const std::size_t start = text.rfind('\n', end - 1);
  return std::strtod(text.c_str() + (start == std::string::npos ? 0 : start + 1), nullptr);
}
bool shows(const AgentFixture& fixture, double ms, std::chrono::milliseconds patience = 3s) {
  return eventually(patience, [&] { return std::abs(shown(fixture) - ms) < 30; });
}

std::vector<pid_t> pristine_of(const AgentFixture& fixture) {
  std::vector<pid_t> found;
  for (const pid_t pid : fixture.processes("reader"))
    if (clock_is_pristine(pid)) found.push_back(pid);
  return found;
}

model::EffectCounters reverted(const AgentFixture& fixture, const std::string& id) {
  const auto report = fixture.client().revert(id);
  INFO((report ? "" : report.error().message) << "\n" << fixture.log());
  REQUIRE(report);
  return report->counters;
}

}  // namespace

TEST_CASE("clock.skew: the service reads a shifted clock, is counted, and is right after revert",
          "[kernel][agent][clock][vm]") {
  REQUIRE_CLOCKS();
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = start_reader(fixture);
  fixture.inject("skew", skewing("-90s"), 60s, 60s);
  CHECK(shows(fixture, -90'000));
  const auto counters = reverted(fixture, "skew");
  CHECK(counters.matched == 1);
  CHECK(counters.affected == 1);
  CHECK(counters.first_ns > 0);
  CHECK(shows(fixture, 0));
  CHECK(clock_is_pristine(pid));
  CHECK(fixture.ledger_records() == 0);
}

TEST_CASE("clock.skew: a service that never reads its clock is found but not affected", "[kernel][agent][clock]") {
  REQUIRE_CLOCKS();
  AgentFixture fixture;
  fixture.start();
  start_reader(fixture, {"/bin/sleep", "1000"});
  fixture.inject("skew", skewing("1h"), 300ms, 60s);
  REQUIRE(eventually(2s, [&] { return fixture.ledger_records() == 0; }));
  const auto counters = reverted(fixture, "skew");
  CHECK(counters.matched == 1);
  CHECK(counters.affected == 0);
}

TEST_CASE("clock.skew: processes started inside the window are shifted too", "[kernel][agent][clock][vm]") {
  REQUIRE_CLOCKS();
  AgentFixture fixture;
  fixture.start();
  start_reader(fixture, {"/bin/sh", "-c", "sleep 0.7; exec " + clock_victim("clock_watch")});
  fixture.inject("skew", skewing("1h"), 60s, 60s);
  CHECK(shows(fixture, 3'600'000));
  const auto counters = reverted(fixture, "skew");
  CHECK(counters.affected >= 1);
  CHECK(shows(fixture, 0));
  CHECK(pristine_of(fixture).size() == fixture.processes("reader").size());
}

TEST_CASE("clock.skew: an agent killed inside the window does not keep the clock wrong, and nothing stays",
          "[kernel][agent][clock][vm]") {
  REQUIRE_CLOCKS();
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = start_reader(fixture);
  REQUIRE(eventually(5s, [&] { return fixture.state().guardian().has_value(); }));
  fixture.inject("skew", skewing("1h"), 60s, 2s);
  REQUIRE(shows(fixture, 3'600'000));
  REQUIRE(fixture.agent().signal(SIGKILL));
  REQUIRE(fixture.agent().wait_for(1s));
  CHECK(shows(fixture, 0, 2700ms));
  CHECK(eventually(2s, [&] { return clock_is_pristine(pid) && fixture.ledger_records() == 0; }));
}

TEST_CASE(
    "clock.skew: with agent and guardian killed the clock is right at the lease's end, and heal removes the patch",
    "[kernel][agent][clock]") {
  REQUIRE_CLOCKS();
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = start_reader(fixture);
  REQUIRE(eventually(5s, [&] { return fixture.state().guardian().has_value(); }));
  fixture.inject("skew", skewing("1h"), 60s, 2s);
  REQUIRE(shows(fixture, 3'600'000));
  ::kill(fixture.state().guardian()->pid, SIGKILL);
  REQUIRE(fixture.agent().signal(SIGKILL));
  REQUIRE(fixture.agent().wait_for(1s));
  CHECK(shows(fixture, 0, 2700ms));
  CHECK_FALSE(clock_is_pristine(pid));
  CHECK(fixture.heal().first == 0);
  CHECK(fixture.ledger_records() == 0);
  CHECK(fixture.processes("reader").empty());
}

TEST_CASE("clock.drift and clock.strobe: two faults of one service's clock are refused, one after the other is not",
          "[kernel][agent][clock]") {
  REQUIRE_CLOCKS();
  AgentFixture fixture;
  fixture.start();
  start_reader(fixture);
  model::Injection strobe;
  strobe.mutable_scope()->add_services("reader");
  strobe.mutable_clock_strobe()->set_first("-2s");
  strobe.mutable_clock_strobe()->set_second("3s");
  *strobe.mutable_clock_strobe()->mutable_period() = model::to_proto(100ms);
  fixture.inject("strobe", strobe, 60s, 60s);
  CHECK(shows(fixture, -2000));
  CHECK(shows(fixture, 3000));

  model::Injection drift;
  drift.mutable_scope()->add_services("reader");
  drift.mutable_clock_drift()->set_ppm(200'000);
  const auto refused = fixture.client().prepare("drift", drift, 60s);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("another fault") != std::string::npos);
  CHECK(shows(fixture, 3000));
  CHECK(reverted(fixture, "strobe").affected == 1);

  fixture.inject("drift", drift, 60s, 60s);
  CHECK(eventually(3s, [&] { return shown(fixture) > 100; }));
  CHECK(reverted(fixture, "drift").affected == 1);
  CHECK(shows(fixture, 0));
}

TEST_CASE("clock.skew: a monotonic shift melts away before revert returns", "[kernel][agent][clock]") {
  REQUIRE_CLOCKS();
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = start_reader(fixture);
  auto both = skewing("400ms");
  both.mutable_clock_skew()->set_clocks(model::CLOCKS_BOTH);
  fixture.inject("skew", both, 60s, 60s);
  CHECK(shows(fixture, 400));
  CHECK(reverted(fixture, "skew").affected == 1);
  CHECK(clock_is_pristine(pid));
  CHECK(shows(fixture, 0));
}

TEST_CASE("clock probe: it says what this host can do, and leaves nothing", "[kernel][agent][clock][vm]") {
  if (!can_patch_clocks()) FRACAS_SKIP("needs root");
  const auto support = agent::clock::probe_clock();
  INFO((support ? "" : support.error().message));
  REQUIRE(support);
  CHECK(support->fast);
}
