// The resource faults through the real agent: in their windows, and undone when the agent is killed or stopped.
#include <algorithm>
#include <csignal>

#include "agent/resources/memory_limit.h"
#include "tests/kernel/agent_fixture.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_AGENT() \
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces")

namespace {

pid_t start_service(const AgentFixture& fixture, const std::string& script) {
  auto pid = fixture.client().start_service({.name = "victim",
                                             .argv = {"/bin/sh", "-c", script},
                                             .working_directory = fixture.folder().string(),
                                             .output = (fixture.folder() / "victim.log").string()});
  INFO((pid ? "" : pid.error().message));
  REQUIRE(pid);
  return *pid;
}

std::string cgroups_of(pid_t pid) {
  return os::read_file("/proc/" + std::to_string(pid) + "/cgroup").value_or("");
}

std::filesystem::path load_group(const AgentFixture& fixture, const std::string& id) {
  return fixture.service_cgroup("victim").path().parent_path() / ("load-" + id);
}

model::Injection throttling() {
  model::Injection injection = on_services({"victim"});
  injection.mutable_cpu_throttle()->set_cpu(0.1);
  return injection;
}

model::Injection stressing() {
  model::Injection injection = on_services({"victim"});
  injection.mutable_cpu_stress()->set_workers(2);
  injection.mutable_cpu_stress()->set_load(0.1);
  return injection;
}

model::Injection crashing_at_write(std::uint64_t number) {
  model::Injection injection = on_services({"victim"});
  auto& fault = *injection.mutable_process_crash_point();
  fault.set_call(model::ProcessCrashPoint::CALL_WRITE);
  fault.set_number(number);
  fault.mutable_restart_after()->set_nanos(50'000'000);
  return injection;
}

constexpr const char* kWriter = "while :; do echo x; sleep 0.02; done";

}  // namespace

TEST_CASE("cpu.throttle: ends with its window, and with its agent", "[kernel][agent][vm]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = start_service(fixture, "while :; do :; done");
  const std::string before = cgroups_of(pid);
  SECTION("window") {
    fixture.inject("slow", throttling(), 1s, 5s);
    CHECK(eventually(5s, [&] { return fixture.ledger_records() == 0; }));
    const auto ended = fixture.client().revert("slow");
    REQUIRE(ended);
    CHECK(ended->counters.affected > 0);
  }
  SECTION("the agent is killed") {
    REQUIRE(eventually(5s, [&] { return fixture.state().guardian().has_value(); }));
    fixture.inject("slow", throttling(), 60s, 500ms);
    os::sleep_until_boot_ns(os::boot_now_ns() + 100'000'000);
    REQUIRE(fixture.agent().signal(SIGKILL));
    CHECK(eventually(5s, [&] { return fixture.ledger_records() == 0; }));
  }
  CHECK(cgroups_of(pid) == before);
}

TEST_CASE("cpu.stress: workers end with the lease although the agent is stopped, and nothing is left",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  start_service(fixture, "sleep 1000");
  REQUIRE(eventually(5s, [&] { return fixture.state().guardian().has_value(); }));
  fixture.inject("hot", stressing(), 60s, 600ms);
  const auto group = load_group(fixture, "hot");
  CHECK(std::filesystem::exists(group));
  REQUIRE(fixture.agent().signal(SIGSTOP));
  CHECK(eventually(5s, [&] { return fixture.ledger_records() == 0; }));
  CHECK_FALSE(std::filesystem::exists(fixture.state().root() / "stress-hot"));
  REQUIRE(fixture.agent().signal(SIGCONT));
  CHECK(eventually(5s, [&] { return !std::filesystem::exists(group); }));
}

TEST_CASE("process.crash-point: the service dies at its call and runs again", "[kernel][agent][vm]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = start_service(fixture, kWriter);
  fixture.inject("crash", crashing_at_write(5), 3s, 5s);
  CHECK(eventually(5s, [&] {
    const auto processes = fixture.processes("victim");
    return !processes.empty() && processes.front() != pid;
  }));
  const auto ended = fixture.client().revert("crash");
  REQUIRE(ended);
  CHECK(ended->counters.affected == 1);
  CHECK(ended->counters.matched >= 5);
  CHECK(fixture.ledger_records() == 0);
  CHECK_FALSE(fixture.processes("victim").empty());
}

TEST_CASE("process.crash-point: a service that crashed with its agent is started by the guardian", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = start_service(fixture, kWriter);
  REQUIRE(eventually(5s, [&] { return fixture.state().guardian().has_value(); }));
  model::Injection injection = crashing_at_write(3);
  injection.mutable_process_crash_point()->clear_restart_after();
  fixture.inject("crash", injection, 60s, 700ms);
  REQUIRE(eventually(5s, [&] { return fixture.processes("victim").empty(); }));
  REQUIRE(fixture.agent().signal(SIGKILL));
  CHECK(eventually(5s, [&] {
    const auto processes = fixture.processes("victim");
    return !processes.empty() && processes.front() != pid;
  }));
  CHECK(eventually(5s, [&] { return fixture.ledger_records() == 0; }));
}

TEST_CASE("process.restart: the service follows SIGTERM, and what does not is killed", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  model::Injection injection = on_services({"victim"});
  auto& fault = *injection.mutable_process_restart();
  fault.mutable_grace()->set_nanos(100'000'000);
  std::string script = "trap 'echo orderly; exit 0' TERM; while :; do sleep 0.02; done";
  SECTION("orderly") {
    fault.mutable_grace()->set_seconds(5);
  }
  SECTION("deaf") {
    script = "trap '' TERM; while :; do sleep 0.02; done";
  }
  const pid_t pid = start_service(fixture, script);
  os::sleep_until_boot_ns(os::boot_now_ns() + 100'000'000);
  fixture.inject("again", injection, 3s, 5s);
  CHECK(eventually(5s, [&] {
    const auto processes = fixture.processes("victim");
    return !processes.empty() && std::find(processes.begin(), processes.end(), pid) == processes.end();
  }));
  const auto ended = fixture.client().revert("again");
  REQUIRE(ended);
  CHECK(ended->counters.affected >= 1);
  CHECK(ended->counters.affected == ended->counters.matched);
  const bool orderly = os::read_file(fixture.folder() / "victim.log").value_or("").find("orderly") != std::string::npos;
  CHECK(orderly == (fault.grace().seconds() == 5));
}

namespace {

// Takes memory all the time and keeps it: what a C library gets back it may hand out again without a new page.
constexpr const char* kHungry =
    "exec /usr/bin/python3 -c 'import time\nkept = []\nwhile True:\n  kept.append(bytearray(1000000))\n  "
    "time.sleep(0.02)'";

model::Injection out_of_memory() {
  model::Injection injection = on_services({"victim"});
  injection.mutable_process_oom()->mutable_restart_after()->set_nanos(200'000'000);
  return injection;
}

#define REQUIRE_MEMORY_LIMIT() \
  if (!agent::memory_limit_mechanism()) FRACAS_SKIP(agent::memory_limit_mechanism().error().message.c_str())

}  // namespace

TEST_CASE("process.oom: the kernel ends the service, which then runs again without the limit", "[kernel][agent][vm]") {
  REQUIRE_AGENT();
  REQUIRE_MEMORY_LIMIT();
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = start_service(fixture, kHungry);
  const std::string before = cgroups_of(pid);
  fixture.inject("oom", out_of_memory(), 5s, 8s);
  CHECK(eventually(4s, [&] {
    const auto processes = fixture.processes("victim");
    return !processes.empty() && std::find(processes.begin(), processes.end(), pid) == processes.end();
  }));
  CHECK(cgroups_of(fixture.processes("victim").front()) == before);
  const auto ended = fixture.client().revert("oom");
  REQUIRE(ended);
  // As the kernel has counted it.
  CHECK(ended->counters.affected == 1);
  CHECK(ended->counters.matched == 1);
  CHECK(fixture.log().find("ended by signal 9") != std::string::npos);
  CHECK(fixture.ledger_records() == 0);
}

TEST_CASE("process.oom: the guardian of a killed agent lifts the limit", "[kernel][agent]") {
  REQUIRE_AGENT();
  REQUIRE_MEMORY_LIMIT();
  AgentFixture fixture;
  fixture.start();
  // It needs no memory, so the kernel has nobody to end.
  const pid_t pid = start_service(fixture, "exec sleep 1000");
  REQUIRE(eventually(5s, [&] { return fixture.state().guardian().has_value(); }));
  os::sleep_until_boot_ns(os::boot_now_ns() + 100'000'000);
  const std::string before = cgroups_of(pid);
  const auto limit = [&] {
    return os::read_file(fixture.service_cgroup("victim").path() / "memory.max").value_or("none");
  };
  const std::string limit_before = limit();
  fixture.inject("oom", out_of_memory(), 60s, 700ms);
  CHECK(eventually(3s, [&] { return cgroups_of(pid) != before || limit() != limit_before; }));
  REQUIRE(fixture.agent().signal(SIGKILL));
  CHECK(eventually(5s, [&] { return fixture.ledger_records() == 0; }));
  REQUIRE(eventually(3s, [&] { return !fixture.processes("victim").empty(); }));
  CHECK(cgroups_of(fixture.processes("victim").front()) == before);
  CHECK(limit() == limit_before);
}
