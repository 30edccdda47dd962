#include <algorithm>
#include <csignal>

#include "agent/fingerprint.h"
#include "lib/os/netlink.h"
#include "tests/kernel/agent_fixture.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_AGENT() \
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces")

namespace {

void wait_for_guardian(const AgentFixture& fixture) {
  REQUIRE(eventually(5s, [&] { return fixture.state().guardian().has_value(); }));
}

// Programs on the TCX hooks of the host's interfaces.
std::size_t tcx_programs(const AgentFixture& fixture) {
  std::size_t count = 0;
  REQUIRE(fixture.netns().run([&count]() -> Status {
    const auto lines = agent::take_fingerprint("", "/");
    if (!lines) return failure(lines.error());
    count = static_cast<std::size_t>(
        std::count_if(lines->begin(), lines->end(), [](const auto& line) { return line.starts_with("tcx"); }));
    return {};
  }));
  return count;
}

}  // namespace

TEST_CASE("guardian: it keeps a dead agent's classifier until the window ends, then nothing is attached",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  auto routes = os::RouteSocket::open_in(fixture.netns());
  REQUIRE(routes);
  REQUIRE(routes->create_veth({.name = "eth0"}, {.name = "peer0"}));
  REQUIRE(routes->set_up("eth0"));
  REQUIRE(tcx_programs(fixture) == 0);
  fixture.start({"--interface", "eth0"});
  model::Injection partition;
  partition.mutable_scope()->add_from("10.0.0.1/32");
  partition.mutable_net_partition();
  const std::int64_t end = fixture.inject("cut", partition, 800ms, 5s);
  const std::size_t attached = tcx_programs(fixture);
  if (attached == 0) FRACAS_SKIP("this kernel has no TCX");
  REQUIRE(fixture.agent().signal(SIGKILL));
  REQUIRE(fixture.agent().wait_for(1s));
  os::sleep_until_boot_ns(end - 100'000'000);
  CHECK(tcx_programs(fixture) == attached);
  CHECK(eventually(1100ms, [&] { return tcx_programs(fixture) == 0; }));
  CHECK(fixture.ledger_records() == 0);
}

TEST_CASE("agent: Heal detaches the classifier, and the next fault attaches it again", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  auto routes = os::RouteSocket::open_in(fixture.netns());
  REQUIRE(routes);
  REQUIRE(routes->create_veth({.name = "eth0"}, {.name = "peer0"}));
  REQUIRE(routes->set_up("eth0"));
  fixture.start({"--interface", "eth0"});
  model::Injection loss;
  loss.mutable_scope()->add_from("10.0.0.1/32");
  loss.mutable_net_loss()->set_loss(0.5);
  model::Injection delay;
  delay.mutable_scope()->add_to("10.0.0.1/32");
  *delay.mutable_net_delay()->mutable_delay() = model::to_proto(20ms);
  for (int round = 0; round < 2; ++round) {
    fixture.inject("loss", loss, 60s, 60s);
    fixture.inject("delay", delay, 60s, 60s);
    const auto healed = fixture.client().heal();
    REQUIRE(healed);
    CHECK(healed->reverted == std::vector<std::string>{"delay", "loss"});
    CHECK(healed->leftovers == std::vector<std::string>{});
    CHECK(tcx_programs(fixture) == 0);
  }
}

TEST_CASE("guardian: an agent killed during a pause does not keep it beyond the lease", "[kernel][agent][vm]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  const auto cgroup = fixture.service_cgroup("sleeper");
  fixture.inject("pause", pausing(), 60s, 600ms);
  REQUIRE(eventually(300ms, [&] { return cgroup.frozen(); }));
  wait_for_guardian(fixture);
  REQUIRE(fixture.agent().signal(SIGKILL));
  REQUIRE(fixture.agent().wait_for(1s));
  CHECK(cgroup.frozen());
  CHECK(eventually(1600ms, [&] { return !cgroup.frozen(); }));
  CHECK(eventually(500ms, [&] { return fixture.ledger_records() == 0; }));
  // With nothing left to do it goes.
  CHECK(eventually(1s, [&] { return !fixture.state().guardian()->alive(); }));
  CHECK(fixture.processes("sleeper").size() == 2);
}

TEST_CASE("guardian: a stopped agent does not keep a pause beyond the lease, and finds it gone when it goes on",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  const auto cgroup = fixture.service_cgroup("sleeper");
  fixture.inject("pause", pausing(), 60s, 600ms);
  REQUIRE(eventually(300ms, [&] { return cgroup.frozen(); }));
  wait_for_guardian(fixture);
  // Stopped after it has seen and counted the freeze, not while it waits for it.
  REQUIRE(eventually(1s, [&] {
    const auto counted = fixture.client().renew(600ms);
    return counted && !counted->empty() && counted->front().counters.affected == 2;
  }));
  REQUIRE(fixture.agent().signal(SIGSTOP));
  CHECK(eventually(1600ms, [&] { return !cgroup.frozen(); }));
  CHECK(eventually(500ms, [&] { return fixture.ledger_records() == 0; }));
  REQUIRE(fixture.agent().signal(SIGCONT));
  auto client = fixture.client();
  const auto counters = client.revert("pause");
  REQUIRE(counters);
  CHECK(counters->counters.affected == 2);
  CHECK_FALSE(cgroup.frozen());
  CHECK(fixture.state().guardian()->alive());
}

TEST_CASE("guardian: what a stopped agent killed runs again after the lease, once", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  fixture.inject("kill", killing(), 60s, 600ms);
  REQUIRE(eventually(300ms, [&] { return fixture.processes("sleeper").empty(); }));
  wait_for_guardian(fixture);
  REQUIRE(fixture.agent().signal(SIGSTOP));
  CHECK(eventually(1600ms, [&] { return fixture.processes("sleeper").size() == 2; }));
  const auto restarted = fixture.processes("sleeper");
  REQUIRE(fixture.agent().signal(SIGCONT));
  REQUIRE(fixture.client().revert("kill"));
  CHECK(fixture.processes("sleeper") == restarted);
  // The agent has taken it over.
  REQUIRE(fixture.client().stop_service("sleeper"));
  CHECK(fixture.processes("sleeper").empty());
}

TEST_CASE("guardian: what a killed agent killed runs again at the window's end, in its namespace", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  fixture.start_sleeper();
  fixture.inject("kill", killing(), 800ms, 5s);
  REQUIRE(eventually(300ms, [&] { return fixture.processes("sleeper").empty(); }));
  wait_for_guardian(fixture);
  REQUIRE(fixture.agent().signal(SIGKILL));
  CHECK(eventually(1800ms, [&] { return fixture.processes("sleeper").size() == 2; }));
  const auto processes = fixture.processes("sleeper");
  REQUIRE_FALSE(processes.empty());
  CHECK(os::NetNamespace::of_process(processes.front())->inode().value() == fixture.netns().inode().value());
}

TEST_CASE("guardian: one that is killed is replaced", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  wait_for_guardian(fixture);
  const auto first = fixture.state().guardian();
  REQUIRE(::kill(first->pid, SIGKILL) == 0);
  REQUIRE(eventually(2s, [&] { return fixture.state().guardian()->pid != first->pid; }));
  fixture.start_sleeper();
  const auto cgroup = fixture.service_cgroup("sleeper");
  fixture.inject("pause", pausing(), 60s, 500ms);
  REQUIRE(eventually(300ms, [&] { return cgroup.frozen(); }));
  REQUIRE(fixture.agent().signal(SIGKILL));
  CHECK(eventually(1500ms, [&] { return !cgroup.frozen(); }));
}

TEST_CASE("guardian: one whose folder was removed ends with its agent", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start();
  wait_for_guardian(fixture);
  fixture.start_sleeper();
  REQUIRE(fixture.client().prepare("pause", pausing(), 60s));  // now the guardian is known to be ready
  const auto guardian = fixture.state().guardian();
  REQUIRE(fixture.client().revert("pause"));
  std::filesystem::remove_all(fixture.state().root());
  REQUIRE(fixture.agent().signal(SIGKILL));
  CHECK(eventually(5s, [&] { return !guardian->alive(); }));
}

TEST_CASE("guardian: one that does not take what it shall hold is replaced, and nothing of it stays attached",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  auto routes = os::RouteSocket::open_in(fixture.netns());
  REQUIRE(routes);
  REQUIRE(routes->create_veth({.name = "eth0"}, {.name = "peer0"}));
  REQUIRE(routes->set_up("eth0"));
  fixture.start({"--interface", "eth0"});
  wait_for_guardian(fixture);
  model::Injection partition;
  partition.mutable_scope()->add_from("10.0.0.1/32");
  partition.mutable_net_partition();
  fixture.start_sleeper();
  REQUIRE(fixture.client().prepare("pause", pausing(), 60s));  // now the guardian is known to be ready
  const pid_t deaf = fixture.state().guardian()->pid;
  REQUIRE(::kill(deaf, SIGSTOP) == 0);
  CHECK_FALSE(fixture.client().prepare("cut", partition, 60s));
  CHECK(eventually(20s, [&] {
    const auto guardian = fixture.state().guardian();
    return guardian && guardian->pid != deaf && guardian->alive();
  }));
  const auto prepared = fixture.client().prepare("again", partition, 60s);
  INFO((prepared ? "" : prepared.error().message) << "\n" << fixture.log());
  REQUIRE(prepared);
  const auto healed = fixture.client().heal();
  REQUIRE(healed);
  CHECK(healed->leftovers.empty());
  CHECK(tcx_programs(fixture) == 0);
}
