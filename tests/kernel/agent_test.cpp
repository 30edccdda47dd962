#include <cerrno>
#include <csignal>

#include "agent/catalogue.h"
#include "tests/kernel/agent_fixture.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_AGENT() \
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces")

TEST_CASE("agent: it tells who it is, and only to the controller", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  const auto hello = fixture.client().hello(1);
  REQUIRE(hello);
  CHECK(hello->name == "n1");
  CHECK(hello->boot_ns > 0);
  const auto refused = fixture.stranger().hello(1);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == EACCES);
}

TEST_CASE("agent: doctor names all kinds", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  const auto support = fixture.client().doctor();
  REQUIRE(support);
  std::vector<std::string> kinds;
  for (const auto& kind : *support) {
    kinds.push_back(kind.kind);
    CHECK(kind.available == kind.missing.empty());
  }
  std::vector<std::string> known;
  for (const agent::FaultKind* kind : agent::catalogue()) known.emplace_back(kind->name);
  CHECK(kinds == known);
}

TEST_CASE("agent: mistakes in requests get the right code and a sentence", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  auto client = fixture.client();
  CHECK(client.prepare("../x", pausing(), 1s).error().code == EINVAL);
  CHECK(client.prepare("p", pausing({"nobody"}), 1s).error().message.find("no service 'nobody'") != std::string::npos);
  CHECK(client.arm("unknown", {.start_boot_ns = 1, .end_boot_ns = os::boot_now_ns() + 1'000'000'000}).error().code ==
        ENOENT);
  CHECK(client.prepare("p", pausing(), 1s).value() == "freezer");
  CHECK(client.prepare("p", pausing(), 1s).value() == "freezer");
  CHECK(client.prepare("p", killing(), 1s).error().code == EEXIST);
  CHECK(client.arm("p", {.start_boot_ns = 2, .end_boot_ns = 1}).error().code == EINVAL);
  CHECK(client.start_service({.name = "sleeper", .argv = {"/bin/sleep", "9"}, .working_directory = "", .output = ""})
            .error()
            .code == EEXIST);
  CHECK(client.revert("unknown"));
  CHECK(client.revert("p"));
  CHECK(fixture.ledger_records() == 0);
}

TEST_CASE("process.pause: frozen within the window, thawed at its end, counted", "[kernel][agent][vm]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  const auto cgroup = fixture.service_cgroup("sleeper");
  const std::int64_t end = fixture.inject("pause", pausing(), 400ms, 5s);
  CHECK(eventually(200ms, [&] { return cgroup.frozen(); }));
  CHECK(fixture.ledger_records() == 1);
  os::sleep_until_boot_ns(end - 50'000'000);
  CHECK(cgroup.frozen());
  CHECK(eventually(200ms, [&] { return !cgroup.frozen(); }));
  const auto counters = fixture.client().revert("pause");
  REQUIRE(counters);
  CHECK(counters->mechanism == "freezer");
  CHECK(counters->counters.matched == 2);
  CHECK(counters->counters.affected == 2);
  CHECK(counters->counters.first_ns > 0);
  CHECK(counters->counters.last_ns >= end);
  CHECK(fixture.ledger_records() == 0);
}

TEST_CASE("process.pause: two overlapping pauses of a service last until the later end", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  const auto cgroup = fixture.service_cgroup("sleeper");
  const std::int64_t first_end = fixture.inject("one", pausing(), 300ms, 5s);
  fixture.inject("two", pausing(), 2s, 5s);
  os::sleep_until_boot_ns(first_end + 100'000'000);
  CHECK(cgroup.frozen());
  REQUIRE(fixture.client().revert("two"));
  CHECK_FALSE(cgroup.frozen());
}

TEST_CASE("process.pause: a lease that is not renewed ends it, one that is renewed does not", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  const auto cgroup = fixture.service_cgroup("sleeper");
  fixture.inject("pause", pausing(), 60s, 400ms);
  CHECK(eventually(200ms, [&] { return cgroup.frozen(); }));
  auto client = fixture.client();
  for (int i = 0; i < 4; ++i) {
    os::sleep_until_boot_ns(os::boot_now_ns() + 200'000'000);
    REQUIRE(client.renew(400ms));
    CHECK(cgroup.frozen());
  }
  CHECK(eventually(700ms, [&] { return !cgroup.frozen(); }));
  CHECK(eventually(200ms, [&] { return fixture.ledger_records() == 0; }));
}

TEST_CASE("process.kill: killed once, restarted after the asked time, counted", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  const pid_t before = fixture.start_sleeper();
  auto rule = killing();
  *rule.mutable_process_kill()->mutable_restart_after() = model::to_proto(300ms);
  fixture.inject("kill", rule, 5s, 5s);
  CHECK(eventually(250ms, [&] { return fixture.processes("sleeper").empty(); }));
  CHECK(eventually(1s, [&] { return fixture.processes("sleeper").size() == 2; }));
  INFO(fixture.log());
  const auto after = fixture.processes("sleeper");
  CHECK(std::find(after.begin(), after.end(), before) == after.end());
  const auto counters = fixture.client().revert("kill");
  REQUIRE(counters);
  CHECK(counters->counters.matched == 2);
  CHECK(counters->counters.affected == 2);
  CHECK(fixture.processes("sleeper") == after);
}

TEST_CASE("process.kill: without restart_after the service comes back at the window's end or by revert",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  const std::int64_t end = fixture.inject("first", killing(), 400ms, 5s);
  CHECK(eventually(200ms, [&] { return fixture.processes("sleeper").empty(); }));
  os::sleep_until_boot_ns(end - 50'000'000);
  CHECK(fixture.processes("sleeper").empty());
  CHECK(eventually(500ms, [&] { return fixture.processes("sleeper").size() == 2; }));
  fixture.inject("second", killing(), 60s, 5s);
  CHECK(eventually(200ms, [&] { return fixture.processes("sleeper").empty(); }));
  REQUIRE(fixture.client().revert("second"));
  CHECK(eventually(500ms, [&] { return fixture.processes("sleeper").size() == 2; }));
}

TEST_CASE("process.kill: the signal that is asked for arrives, a real-time one too", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  for (const bool real_time : {false, true}) {
    const std::string name = real_time ? "real-time" : "user";
    const auto output = fixture.folder() / (name + ".log");
    const auto says = [&output](const char* word) {
      return os::read_file(output).value_or("").find(word) != std::string::npos;
    };
    REQUIRE(fixture.client().start_service({.name = name,
                                            .argv = {"/bin/bash", "-c",
                                                     "trap 'echo usr1; exit' USR1; trap 'echo rtmin; exit' RTMIN; "
                                                     "echo ready; while :; do sleep 0.1; done"},
                                            .working_directory = "/",
                                            .output = output.string()}));
    REQUIRE(eventually(5s, [&] { return says("ready"); }));
    auto rule = killing({name});
    if (real_time)
      rule.mutable_process_kill()->set_number(34);
    else
      rule.mutable_process_kill()->set_signal(model::SIGNAL_USR1);
    fixture.inject(name, rule, 60s, 60s);
    CHECK(eventually(5s, [&] { return says(real_time ? "rtmin" : "usr1"); }));
    CHECK_FALSE(says(real_time ? "usr1" : "rtmin"));
    CHECK(eventually(5s, [&] { return fixture.processes(name).empty(); }));
    const auto counters = fixture.client().revert(name);
    REQUIRE(counters);
    CHECK(counters->counters.affected >= 1);
    CHECK(eventually(5s, [&] { return !fixture.processes(name).empty(); }));
  }
}

TEST_CASE("process.kill: a service that ended by itself is not started", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  REQUIRE(
      fixture.client().start_service({.name = "brief", .argv = {"/bin/true"}, .working_directory = "", .output = ""}));
  CHECK(eventually(2s, [&] { return fixture.processes("brief").empty(); }));
  fixture.inject("kill", killing({"brief"}), 200ms, 5s);
  CHECK(eventually(1s, [&] { return fixture.ledger_records() == 0; }));
  const auto counters = fixture.client().revert("kill");
  REQUIRE(counters);
  CHECK(counters->counters.matched == 0);
  CHECK(counters->counters.affected == 0);
  CHECK(fixture.processes("brief").empty());
}

TEST_CASE("agent: SIGTERM reverts, ends the services and leaves nothing", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  const auto guardian = fixture.state().guardian();
  fixture.inject("pause", pausing(), 60s, 60s);
  REQUIRE(fixture.agent().signal(SIGTERM));
  const auto ended = fixture.agent().wait_for(6s);
  REQUIRE(ended);
  CHECK(ended->code == 0);
  INFO(fixture.log());
  CHECK_FALSE(fixture.has_cgroup());
  REQUIRE(guardian);
  CHECK_FALSE(guardian->alive());
  CHECK(fixture.ledger_records() == 0);
  CHECK_FALSE(fixture.state().agent());
}

TEST_CASE("agent: Heal reverts, stops the services and finds the kernel as it was", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  fixture.inject("pause", pausing(), 60s, 60s);
  const auto healed = fixture.client().heal();
  REQUIRE(healed);
  CHECK(healed->reverted == std::vector<std::string>{"pause"});
  CHECK(healed->leftovers == std::vector<std::string>{});
  CHECK_FALSE(fixture.has_cgroup());
  // It goes on serving.
  fixture.start_sleeper();
}

TEST_CASE("agent: it leaves when its controller is gone and the lease has run out", "[kernel][agent]") {
  REQUIRE_AGENT();
  os::LaunchOptions launch;
  launch.argv = {"/bin/sleep", "1000"};
  auto controller = os::Process::launch(launch);
  REQUIRE(controller);
  AgentFixture fixture;
  fixture.start({"--exit-with", std::to_string(controller->pid())});
  fixture.start_sleeper();
  const auto cgroup = fixture.service_cgroup("sleeper");
  fixture.inject("pause", pausing(), 60s, 800ms);
  REQUIRE(controller->signal(SIGKILL));
  REQUIRE(controller->wait_for(2s));
  CHECK_FALSE(fixture.agent().wait_for(300ms));
  CHECK(cgroup.frozen());
  CHECK(fixture.agent().wait_for(4s));
  CHECK_FALSE(fixture.has_cgroup());
}
