// Clocks, system calls, crash points and packets of processes that are chosen by what they are.
#include <cmath>

#include "agent/resources/crash_point.h"
#include "agent/syscalls/syscall_trace.h"
#include "lib/os/netlink.h"
#include "lib/os/threads.h"
#include "tests/kernel/chosen_fixture.h"
#include "tests/kernel/clock_fixture.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_AGENT() \
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces")

namespace {

// Prints lines as fast as is useful.
Stranger start_writer(const AgentFixture& host, const char* file, std::filesystem::path cgroup = {}) {
  return Stranger(
      {"/bin/sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done"},
      {.network_namespace = host.netns().fd(), .cgroup = std::move(cgroup), .output = host.folder() / file});
}

std::uintmax_t size_of(const AgentFixture& host, const char* file) {
  std::error_code failed;
  return std::filesystem::file_size(host.folder() / file, failed);
}

bool grows(const AgentFixture& host, const char* file) {
  const auto before = size_of(host, file);
  return eventually(5s, [&] { return size_of(host, file) > before; });
}

model::EffectCounters counted(const AgentFixture& host, const std::string& id) {
  const auto reports = host.client().renew(60s);
  REQUIRE(reports);
  for (const controller::FaultCounters& report : *reports)
    if (report.id == id) return report.counters;
  return {};
}

double shown(const AgentFixture& host, const char* file) {
  const std::string text = os::read_file(host.folder() / file).value_or("");
  const std::size_t end = text.rfind('\n');
  if (end == std::string::npos || end == 0) return 0;
  const std::size_t start = text.rfind('\n', end - 1);
  return std::strtod(text.c_str() + (start == std::string::npos ? 0 : start + 1), nullptr);
}

}  // namespace

TEST_CASE("chosen processes: one's clock is shifted, another's is not, and both are right afterwards",
          "[kernel][agent]") {
  if (!can_run_agent() || !can_patch_clocks()) FRACAS_SKIP("needs root, cgroup2, namespaces and the victims' programs");
  AgentFixture host;
  host.start();
  const int netns = host.netns().fd();
  Stranger victim({clock_victim("clock_watch")}, {.network_namespace = netns, .output = host.folder() / "victim"});
  Stranger other({clock_victim("clock_watch")}, {.network_namespace = netns, .output = host.folder() / "other"});
  REQUIRE(eventually(10s, [&] { return size_of(host, "victim") > 0 && size_of(host, "other") > 0; }));
  model::Injection injection;
  injection.mutable_clock_skew()->set_offset("90s");
  injection.mutable_clock_skew()->mutable_processes()->set_pid(static_cast<std::uint32_t>(victim.pid()));
  host.inject("skew", injection, 60s, 60s);
  CHECK(eventually(10s, [&] { return std::abs(shown(host, "victim") - 90'000) < 30; }));
  CHECK(eventually(10s, [&] { return std::abs(shown(host, "other")) < 30; }));
  CHECK(eventually(10s, [&] { return counted(host, "skew").affected == 1; }));
  const auto report = host.client().revert("skew");
  REQUIRE(report);
  CHECK(report->processes == std::vector<std::string>{"clock_watch " + std::to_string(victim.pid())});
  CHECK(eventually(10s, [&] { return std::abs(shown(host, "victim")) < 30; }));
  CHECK(clock_is_pristine(victim.pid()));
  CHECK(victim.runs());
}

TEST_CASE("chosen processes: a killed agent's skew ends with the lease, and nothing of it is left", "[kernel][agent]") {
  if (!can_run_agent() || !can_patch_clocks()) FRACAS_SKIP("needs root, cgroup2, namespaces and the victims' programs");
  AgentFixture host;
  host.start();
  REQUIRE(eventually(5s, [&] { return host.state().guardian().has_value(); }));
  Stranger victim({clock_victim("clock_watch")},
                  {.network_namespace = host.netns().fd(), .output = host.folder() / "victim"});
  REQUIRE(eventually(10s, [&] { return size_of(host, "victim") > 0; }));
  model::Injection injection;
  injection.mutable_clock_skew()->set_offset("90s");
  injection.mutable_clock_skew()->mutable_processes()->set_pid(static_cast<std::uint32_t>(victim.pid()));
  host.inject("skew", injection, 60s, 3s);
  REQUIRE(eventually(10s, [&] { return std::abs(shown(host, "victim") - 90'000) < 30; }));
  REQUIRE(host.agent().signal(SIGKILL));
  CHECK(eventually(20s, [&] { return host.ledger_records() == 0 && clock_is_pristine(victim.pid()); }));
  CHECK(eventually(10s, [&] { return std::abs(shown(host, "victim")) < 30; }));
}

TEST_CASE("chosen processes: one's system calls are disturbed, another's are not", "[kernel][agent]") {
  REQUIRE_AGENT();
  if (auto works = agent::probe_syscall_tracer(); !works) FRACAS_SKIP(works.error().message.c_str());
  AgentFixture host;
  host.start();
  Stranger victim = start_writer(host, "victim");
  Stranger other = start_writer(host, "other");
  REQUIRE(grows(host, "victim"));
  model::Injection injection;
  model::SyscallError& fault = *injection.mutable_syscall_error();
  fault.add_calls("write");
  fault.set_error("EIO");
  fault.set_share(1);
  fault.mutable_processes()->set_pid(static_cast<std::uint32_t>(victim.pid()));
  host.inject("error", injection, 60s, 60s);
  CHECK(eventually(10s, [&] { return counted(host, "error").affected > 3; }));
  CHECK(os::status_number(victim.pid(), "TracerPid") != 0);
  CHECK(os::status_number(other.pid(), "TracerPid") == 0);
  CHECK(grows(host, "other"));
  const auto report = host.client().revert("error");
  REQUIRE(report);
  REQUIRE(report->processes.size() == 1);
  CHECK(report->processes.front().ends_with(" " + std::to_string(victim.pid())));
  CHECK(os::status_number(victim.pid(), "TracerPid") == 0);
  CHECK(grows(host, "victim"));
}

TEST_CASE("chosen processes: one stops at its third write and goes on afterwards, another never stops",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  if (const auto works = agent::CrashPoint::attach({.victims = {os::Cgroup::mount_point().value()}}); !works)
    FRACAS_SKIP(works.error().message.c_str());
  AgentFixture host;
  host.start();
  Stranger victim = start_writer(host, "victim");
  Stranger other = start_writer(host, "other");
  model::Injection injection;
  model::ProcessCrashPoint& fault = *injection.mutable_process_crash_point();
  fault.set_call(model::ProcessCrashPoint::CALL_WRITE);
  fault.set_number(3);
  fault.set_action(model::ProcessCrashPoint::ACTION_STOP);
  fault.mutable_processes()->set_pid(static_cast<std::uint32_t>(victim.pid()));
  host.inject("stop", injection, 60s, 60s);
  CHECK(eventually(5s, [&] { return victim.stopped(); }));
  CHECK_FALSE(other.stopped());
  const auto report = host.client().revert("stop");
  REQUIRE(report);
  CHECK(report->counters.affected == 1);
  CHECK(eventually(5s, [&] { return !victim.stopped(); }));
  CHECK(grows(host, "victim"));

  fault.set_action(model::ProcessCrashPoint::ACTION_KILL);
  host.inject("kill", injection, 60s, 60s);
  REQUIRE(eventually(5s, [&] { return !victim.runs(); }));
  CHECK(victim.process().wait_for(1s)->signal == SIGKILL);
  CHECK(host.client().revert("kill")->counters.affected == 1);
  CHECK(other.runs());
  CHECK(host.ledger_records() == 0);
}

TEST_CASE("chosen processes: only the packets of the senders' cgroup are lost", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture host;
  auto routes = os::RouteSocket::open_in(host.netns());
  REQUIRE(routes);
  REQUIRE(routes->create_veth({.name = "eth0"}, {.name = "peer0"}));
  REQUIRE(routes->add_address("eth0", "10.99.0.1/24"));
  REQUIRE(routes->set_up("eth0"));
  REQUIRE(routes->set_up("peer0"));
  host.start({"--interface", "eth0"});
  const std::string inside = host.agent_cgroup() + "/senders";
  const auto inner = os::Cgroup::create(inside + "/inner");
  const auto beside = os::Cgroup::create(host.agent_cgroup() + "/beside");
  REQUIRE((inner && beside));
  // Broadcasts, which need no neighbour to answer.
  constexpr const char* kSend =
      "import socket, time\ns = socket.socket(type=socket.SOCK_DGRAM)\ns.setsockopt(socket.SOL_SOCKET, "
      "socket.SO_BROADCAST, 1)\nwhile True: s.sendto(b'x', ('10.99.0.255', PORT)); time.sleep(0.005)\n";
  const auto sender = [&](const std::string& port, const os::Cgroup& cgroup) {
    std::string code = kSend;
    code.replace(code.find("PORT"), 4, port);
    return Stranger({"/usr/bin/python3", "-c", code},
                    {.network_namespace = host.netns().fd(), .cgroup = cgroup.path()});
  };
  Stranger other = sender("4001", *beside);
  model::Injection injection;
  injection.mutable_scope()->add_to("10.99.0.255/32");
  model::NetLoss& loss = *injection.mutable_net_loss();
  loss.set_loss(1);
  loss.set_direction(model::DIRECTION_OUT);
  loss.mutable_flows()->mutable_senders()->set_cgroup(inside);
  host.inject("loss", injection, 60s, 60s);
  os::sleep_until_boot_ns(os::boot_now_ns() + 200'000'000);
  CHECK(counted(host, "loss").matched == 0);
  Stranger chosen = sender("4002", *inner);
  CHECK(eventually(10s, [&] { return counted(host, "loss").affected > 3; }));
  REQUIRE(host.client().revert("loss"));
  loss.mutable_flows()->mutable_senders()->set_cgroup(inside + "/none");
  CHECK(refuses(host, injection, "there is no cgroup with processes of cgroup"));
}
