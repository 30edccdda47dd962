// Agent and guardian killed at once, so that nobody is there to undo anything: what ends by itself, and what stays
// until the next agent or a heal. docs/limits.md says the same.
#include <algorithm>
#include <cmath>

#include "agent/disk/disk_mount.h"
#include "lib/model/agent.pb.h"
#include "tests/kernel/agent_fixture.h"
#include "tests/kernel/clock_fixture.h"
#include "tests/kernel/net_pair.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_AGENT() \
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces")

namespace {

void kill_both(AgentFixture& fixture) {
  REQUIRE(eventually(5s, [&] { return fixture.state().guardian().has_value(); }));
  const auto guardian = fixture.state().guardian();
  // Neither sees the other's death.
  REQUIRE(::kill(guardian->pid, SIGSTOP) == 0);
  REQUIRE(fixture.agent().signal(SIGKILL));
  REQUIRE(fixture.agent().wait_for(5s));
  REQUIRE(::kill(guardian->pid, SIGKILL) == 0);
  REQUIRE(eventually(5s, [&] { return !guardian->alive(); }));
}

void check_healed(const AgentFixture& fixture) {
  const auto [code, said] = fixture.heal();
  INFO(said);
  CHECK(code == 0);
  CHECK(said.ends_with("clean\n"));
}

bool stress_runs(const AgentFixture& fixture) {
  const auto inode = fixture.netns().inode();
  REQUIRE(inode);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    if (os::read_file(entry.path() / "comm").value_or("") != "fracas-stress\n") continue;
    const auto netns = os::NetNamespace::of_process(std::atoi(entry.path().filename().c_str()));
    if (netns && netns->inode().value_or(0) == *inode) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("both dead: what was cut off is reached at once", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  const os::NetNamespace neighbour = join_neighbour(fixture.netns());
  fixture.start();
  auto flow = udp_flow(neighbour, fixture.netns(), "10.77.0.1", 8080);
  model::Injection cut;
  cut.mutable_scope()->add_from("0.0.0.0/0");
  cut.mutable_net_partition();
  fixture.inject("cut", cut, 60s, 60s);
  REQUIRE(eventually(2s, [&] { return !arrives(flow); }));
  kill_both(fixture);
  CHECK(eventually(5s, [&] { return arrives(flow); }));
  check_healed(fixture);
}

TEST_CASE("both dead: a shifted clock is right when the lease is over, its code is patched until it is healed",
          "[kernel][agent][clock]") {
  REQUIRE_AGENT();
  if (!can_patch_clocks()) FRACAS_SKIP("needs the victims' programs");
  AgentFixture fixture;
  fixture.start();
  const auto log = fixture.folder() / "reader.log";
  auto pid = fixture.client().start_service(
      {.name = "reader", .argv = {clock_victim("clock_watch")}, .working_directory = "/", .output = log.string()});
  REQUIRE(pid);
  const auto shows = [&log](double ms) {
    const std::string text = os::read_file(log).value_or("\n");
    const std::size_t end = text.rfind('\n');
    const std::size_t start = end == 0 || end == std::string::npos ? std::string::npos : text.rfind('\n', end - 1);
    return start != std::string::npos && std::abs(std::strtod(text.c_str() + start, nullptr) - ms) < 30;
  };
  auto skew = on_services({"reader"});
  skew.mutable_clock_skew()->set_offset("60s");
  fixture.inject("skew", skew, 60s, 3s);
  REQUIRE(eventually(3s, [&] { return shows(60'000); }));
  kill_both(fixture);
  CHECK(eventually(10s, [&] { return shows(0); }));
  CHECK_FALSE(clock_is_pristine(*pid));
  check_healed(fixture);
}

TEST_CASE("both dead: load ends with the lease", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  static_cast<void>(fixture.start_sleeper());
  auto stress = on_services();
  stress.mutable_cpu_stress()->set_workers(1);
  stress.mutable_cpu_stress()->set_load(0.1);
  fixture.inject("load", stress, 60s, 3s);
  REQUIRE(eventually(5s, [&] { return stress_runs(fixture); }));
  kill_both(fixture);
  CHECK(eventually(10s, [&] { return !stress_runs(fixture); }));
  check_healed(fixture);
}

TEST_CASE("both dead: a pause and a limit stay until the next agent", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  static_cast<void>(fixture.start_sleeper());
  auto throttle = on_services();
  throttle.mutable_cpu_throttle()->set_cpu(0.5);
  fixture.inject("slow", throttle, 60s, 60s);
  fixture.inject("pause", pausing(), 60s, 1s);
  const auto cgroup = fixture.service_cgroup("sleeper");
  REQUIRE(eventually(5s, [&] { return cgroup.frozen(); }));
  kill_both(fixture);
  CHECK(cgroup.frozen());
  CHECK(fixture.ledger_records() == 2);
  fixture.start();
  CHECK_FALSE(cgroup.frozen());
  CHECK(fixture.ledger_records() == 0);
}

TEST_CASE("both dead: a folder's mount stays, and passes every call when the lease is over", "[kernel][agent]") {
  REQUIRE_AGENT();
  if (auto works = agent::probe_disk(); !works) FRACAS_SKIP(works.error().message.c_str());
  AgentFixture fixture;
  fixture.start();
  const auto folder = fixture.folder() / "data";
  std::filesystem::create_directory(folder);
  REQUIRE(fixture.client().start_service({.name = "writer",
                                          .argv = {"/bin/sh", "-c", "while :; do echo x > f; sleep 0.02; done"},
                                          .working_directory = folder.string(),
                                          .output = (fixture.folder() / "writer.log").string()}));
  auto failing = on_services({"writer"});
  failing.mutable_disk_error()->set_error(model::DiskError::ERRNO_EROFS);
  failing.mutable_disk_error()->set_files("*");
  failing.mutable_disk_error()->set_share(1);
  fixture.inject("disk", failing, 60s, 3s);
  const auto works = [&folder] {
    std::ofstream file(folder / "own");
    return (file << "x").flush().good();
  };
  REQUIRE(eventually(3s, [&] { return agent::is_disk_mount(folder) && !works(); }));
  kill_both(fixture);
  CHECK(eventually(10s, works));
  CHECK(agent::is_disk_mount(folder));
  check_healed(fixture);
  CHECK_FALSE(agent::is_disk_mount(folder));
}
