// Faults that overlap on one service: whichever ends first, what the other one holds stays, and at the end all is as it
// was before the first.
#include <sys/resource.h>

#include <atomic>
#include <functional>
#include <thread>

#include "agent/disk/disk_mount.h"
#include "agent/resources/controller_group.h"
#include "agent/resources/soft_limit.h"
#include "agent/services.h"
#include "lib/model/agent.pb.h"
#include "tests/kernel/agent_fixture.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_AGENT() \
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces")

namespace {

std::uint64_t descriptors_of(pid_t pid) {
  return agent::soft_limit(pid, RLIMIT_NOFILE).value_or(0);
}

model::Injection exhausting_descriptors(unsigned spare) {
  auto injection = on_services();
  injection.mutable_fd_exhaust()->set_spare(spare);
  return injection;
}

model::Injection throttling(double cpu) {
  auto injection = on_services();
  injection.mutable_cpu_throttle()->set_cpu(cpu);
  return injection;
}

void revert(const AgentFixture& fixture, const std::string& id) {
  auto client = fixture.client();
  const auto reverted = client.revert(id);
  INFO((reverted ? "" : reverted.error().message) << "\n" << fixture.log());
  REQUIRE(reverted);
}

std::string cpu_group_of(pid_t pid) {
  return agent::v1_group_of(pid, "cpu").value_or("");
}

// Depth of cgroups of ours that the process is in.
std::size_t cgroups_around(pid_t pid) {
  std::size_t count = 0;
  for (const auto& part : std::filesystem::path(cpu_group_of(pid)))
    if (part.string().starts_with("fracas-")) ++count;
  return count;
}

}  // namespace

TEST_CASE("overlap: two fd.exhaust of one service end in either order and leave its own limit", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = fixture.start_sleeper();
  const std::uint64_t own = descriptors_of(pid);
  for (const char* first : {"wide", "tight"}) {
    CAPTURE(first);
    fixture.inject("wide", exhausting_descriptors(3), 60s, 60s);
    REQUIRE(eventually(5s, [&] { return descriptors_of(pid) < own; }));
    const std::uint64_t wide = descriptors_of(pid);
    fixture.inject("tight", exhausting_descriptors(0), 60s, 60s);
    REQUIRE(eventually(5s, [&] { return descriptors_of(pid) < wide; }));
    const std::uint64_t tight = descriptors_of(pid);
    const bool wide_first = std::string(first) == "wide";
    revert(fixture, first);
    CHECK(eventually(5s, [&] { return descriptors_of(pid) == (wide_first ? tight : wide); }));
    revert(fixture, wide_first ? "tight" : "wide");
    CHECK(descriptors_of(pid) == own);
  }
}

TEST_CASE("overlap: of two cpu.throttle of one service the outer one may end first", "[kernel][agent]") {
  REQUIRE_AGENT();
  if (!agent::has_v1_controller("cpu")) FRACAS_SKIP("the cpu controller is on the unified hierarchy here");
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = fixture.start_sleeper();
  const std::string home = cpu_group_of(pid);
  const std::size_t around = cgroups_around(pid);
  for (const char* first : {"outer", "inner"}) {
    CAPTURE(first);
    fixture.inject("outer", throttling(0.5), 60s, 60s);
    REQUIRE(eventually(5s, [&] { return cgroups_around(pid) == around + 1; }));
    const std::string outer = cpu_group_of(pid);
    fixture.inject("inner", throttling(0.2), 60s, 60s);
    REQUIRE(eventually(5s, [&] { return cgroups_around(pid) == around + 2; }));
    // Both look for new processes every 50 ms, and take those inside each other's for their own.
    os::sleep_until_boot_ns(os::boot_now_ns() + 200'000'000);
    CHECK(cgroups_around(pid) == around + 2);
    revert(fixture, first);
    if (std::string(first) == "outer") CHECK(os::read_file(outer + "/cpu.cfs_quota_us").value_or("") == "-1\n");
    revert(fixture, std::string(first) == "outer" ? "inner" : "outer");
    CHECK(cpu_group_of(pid) == home);
    CHECK_FALSE(std::filesystem::exists(outer));
  }
}

TEST_CASE("overlap: heal undoes cgroups that lie inside each other", "[kernel][agent]") {
  REQUIRE_AGENT();
  if (!agent::has_v1_controller("cpu")) FRACAS_SKIP("the cpu controller is on the unified hierarchy here");
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = fixture.start_sleeper();
  fixture.inject("a", throttling(0.5), 60s, 60s);
  const std::size_t around = cgroups_around(pid);
  REQUIRE(eventually(5s, [&] { return cgroups_around(pid) > around; }));
  const std::string outer = cpu_group_of(pid);
  fixture.inject("b", throttling(0.2), 60s, 60s);
  REQUIRE(eventually(5s, [&] { return cpu_group_of(pid) != outer; }));
  REQUIRE(eventually(5s, [&] { return fixture.state().guardian().has_value(); }));
  ::kill(fixture.state().guardian()->pid, SIGKILL);
  REQUIRE(fixture.agent().signal(SIGKILL));
  REQUIRE(fixture.agent().wait_for(5s));
  const auto [code, said] = fixture.heal();
  INFO(said);
  CHECK(code == 0);
  CHECK_FALSE(std::filesystem::exists(outer));
}

TEST_CASE("overlap: a disk fault that began while a restart had the service down starts it again at its end",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  if (auto works = agent::probe_disk(); !works) FRACAS_SKIP(works.error().message.c_str());
  AgentFixture fixture;
  fixture.start();
  auto pid = fixture.client().start_service({.name = "sleeper",
                                             .argv = {"/bin/sh", "-c", "sleep 1000 & wait"},
                                             .working_directory = fixture.folder().string(),
                                             .output = (fixture.folder() / "sleeper.log").string()});
  REQUIRE(pid);
  const auto data = fixture.folder() / "data";
  std::filesystem::create_directory(data);
  auto restart = on_services();
  *restart.mutable_process_restart()->mutable_down() = model::to_proto(1s);
  fixture.inject("restart", restart, 60s, 60s);
  REQUIRE(eventually(5s, [&] { return fixture.processes("sleeper").empty(); }));
  auto disk = on_services();
  disk.mutable_disk_delay()->set_path(data.string());
  *disk.mutable_disk_delay()->mutable_delay() = model::to_proto(1ms);
  disk.mutable_disk_delay()->set_files("*");
  disk.mutable_disk_delay()->set_share(1);
  fixture.inject("disk", disk, 60s, 60s);
  REQUIRE(eventually(5s, [&] { return agent::is_disk_mount(data); }));
  REQUIRE(eventually(10s, [&] { return !fixture.processes("sleeper").empty(); }));
  revert(fixture, "disk");
  CHECK_FALSE(agent::is_disk_mount(data));
  CHECK(eventually(5s, [&] { return fixture.processes("sleeper").size() == 2; }));
}

TEST_CASE("overlap: who was restarted and then stopped at a crash point goes on, although the agent is dead",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  auto pid = fixture.client().start_service({.name = "sleeper",
                                             .argv = {"/bin/sh", "-c", "while :; do echo x; sleep 0.05; done"},
                                             .working_directory = "/",
                                             .output = (fixture.folder() / "sleeper.log").string()});
  REQUIRE(pid);
  auto stop = on_services();
  stop.mutable_process_crash_point()->set_call(model::ProcessCrashPoint::CALL_WRITE);
  stop.mutable_process_crash_point()->set_number(1);
  stop.mutable_process_crash_point()->set_action(model::ProcessCrashPoint::ACTION_STOP);
  auto client = fixture.client();
  REQUIRE(client.prepare("stop", stop, 60s));
  const std::int64_t now = os::boot_now_ns();
  REQUIRE(client.arm("stop", {.start_boot_ns = now + 2'000'000'000, .end_boot_ns = now + 6'000'000'000}));
  auto kill = killing();
  *kill.mutable_process_kill()->mutable_restart_after() = model::to_proto(10ms);
  fixture.inject("kill", kill, 60s, 60s);
  const auto stopped = [&fixture] {
    for (const pid_t one : fixture.processes("sleeper"))
      if (os::read_file("/proc/" + std::to_string(one) + "/stat").value_or("").find(") T ") != std::string::npos)
        return true;
    return false;
  };
  REQUIRE(eventually(5s, stopped));
  CHECK(::kill(*pid, 0) != 0);
  REQUIRE(fixture.agent().signal(SIGKILL));
  REQUIRE(fixture.agent().wait_for(5s));
  CHECK(eventually(20s, [&] { return !stopped(); }));
  CHECK_FALSE(fixture.processes("sleeper").empty());
}

TEST_CASE("overlap: a service whose restart falls into a pause is started by its end, although the agent is dead",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  const pid_t pid = fixture.start_sleeper();
  auto kill = killing();
  *kill.mutable_process_kill()->mutable_restart_after() = model::to_proto(1s);
  fixture.inject("kill", kill, 60s, 60s);
  REQUIRE(eventually(5s, [&] { return ::kill(pid, 0) != 0; }));
  fixture.inject("pause", pausing(), 4s, 60s);
  const auto cgroup = fixture.service_cgroup("sleeper");
  REQUIRE(eventually(5s, [&] { return !fixture.processes("sleeper").empty() && cgroup.frozen(); }));
  revert(fixture, "kill");
  CHECK(cgroup.frozen());
  REQUIRE(fixture.agent().signal(SIGKILL));
  REQUIRE(fixture.agent().wait_for(5s));
  CHECK(eventually(20s, [&] { return !cgroup.frozen() && fixture.processes("sleeper").size() == 2; }));
}

TEST_CASE("overlap: who ends a service knows whom it ended, whenever somebody else starts it again",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  const std::string parent = "fracas-test-services-" + std::to_string(::getpid());
  agent::Services services(parent);
  REQUIRE(
      services.start({.name = "s", .argv = {"/bin/sleep", "1000"}, .working_directory = "/", .output = "/dev/null"}));
  std::atomic<std::size_t> noted{0};
  {
    // Each goes on with what it saw last, as faults do.
    const std::jthread starter([&services](const std::stop_token& stop) {
      while (!stop.stop_requested()) static_cast<void>(services.restart("s", {}));
    });
    for (int i = 0; i < 60; ++i) {
      std::vector<os::ProcessIdentity> seen;
      const auto ended = services.end_processes("s", [&](const std::vector<os::ProcessIdentity>& running) {
        seen = running;
        return Status();
      });
      REQUIRE(ended);
      noted += seen.size();
      REQUIRE(ended->size() == seen.size());
      for (const os::ProcessIdentity& process : seen) REQUIRE_FALSE(process.alive());
    }
  }
  CHECK(noted > 0);
  CHECK(services.stop_all());
}
