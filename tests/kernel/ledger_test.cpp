#include <csignal>
#include <fstream>

#include "tests/kernel/agent_fixture.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_AGENT() \
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces")

namespace {

void kill_agent_and_guardian(AgentFixture& fixture) {
  REQUIRE(eventually(5s, [&] { return fixture.state().guardian().has_value(); }));
  REQUIRE(fixture.agent().signal(SIGSTOP));  // So that it does not replace its guardian.
  const auto guardian = fixture.state().guardian();
  REQUIRE(::kill(guardian->pid, SIGKILL) == 0);
  REQUIRE(fixture.agent().signal(SIGKILL));
  REQUIRE(fixture.agent().wait_for(2s));
  REQUIRE(eventually(2s, [&] { return !guardian->alive(); }));
}

}  // namespace

TEST_CASE("heal: with agent and guardian killed, the ledger is enough to undo everything, twice",
          "[kernel][agent][vm]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  fixture.start_sleeper("other");
  fixture.inject("pause", pausing(), 60s, 60s);
  fixture.inject("kill", killing({"other"}), 60s, 60s);
  REQUIRE(eventually(500ms,
                     [&] { return fixture.service_cgroup("sleeper").frozen() && fixture.processes("other").empty(); }));
  std::vector<os::ProcessIdentity> sleepers;
  for (const pid_t pid : fixture.processes("sleeper")) sleepers.push_back(os::ProcessIdentity::of(pid).value());
  kill_agent_and_guardian(fixture);
  CHECK(fixture.ledger_records() == 2);
  const auto [code, text] = fixture.heal();
  INFO(text);
  CHECK(code == 0);
  CHECK(text.find("reverted process.pause 'pause'\n") != std::string::npos);
  CHECK(text.find("reverted process.kill 'kill'\n") != std::string::npos);
  CHECK(text.ends_with("clean\n"));
  CHECK(fixture.ledger_records() == 0);
  CHECK_FALSE(fixture.has_cgroup());
  for (const auto& process : sleepers) CHECK_FALSE(process.alive());
  CHECK(fixture.heal() == std::pair<int, std::string>(0, "clean\n"));
}

TEST_CASE("heal: a stopped agent is killed, a guardian told to go", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  fixture.inject("pause", pausing(), 60s, 60s);
  const auto guardian = fixture.state().guardian();
  REQUIRE(guardian);
  REQUIRE(fixture.agent().signal(SIGSTOP));
  const auto [code, text] = fixture.heal();
  INFO(text);
  CHECK(code == 0);
  CHECK(fixture.agent().wait_for(1s)->signal == SIGKILL);
  CHECK_FALSE(guardian->alive());
  CHECK_FALSE(fixture.has_cgroup());
}

TEST_CASE("heal: a living agent reverts by itself and goes on", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  fixture.inject("pause", pausing(), 60s, 60s);
  const auto [code, text] = fixture.heal();
  CHECK(code == 0);
  CHECK(text == "reverted process.pause 'pause'\nclean\n");
  CHECK_FALSE(fixture.service_cgroup("sleeper").frozen());
  CHECK(fixture.client().hello(1));
}

TEST_CASE("ledger: a starting agent first undoes what an earlier one left", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  fixture.inject("pause", pausing(), 60s, 60s);
  kill_agent_and_guardian(fixture);
  std::ofstream(fixture.state().ledger() / "torn.json") << "{\"vers";
  fixture.start();
  CHECK(fixture.ledger_records() == 0);
  CHECK_FALSE(fixture.has_cgroup());
  CHECK(fixture.log().find("torn.json") != std::string::npos);
  fixture.start_sleeper();
}
