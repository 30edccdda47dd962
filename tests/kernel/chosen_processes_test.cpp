// process.kill and process.pause of processes that are chosen by what they are.
#include "tests/kernel/chosen_fixture.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_AGENT() \
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces")

namespace {

model::Injection kill_named(const std::string& name) {
  model::Injection injection;
  injection.mutable_process_kill()->mutable_processes()->set_name(name);
  return injection;
}

model::Injection pause_named(const std::string& name) {
  model::Injection injection;
  injection.mutable_process_pause()->mutable_processes()->set_name(name);
  return injection;
}

controller::FaultCounters revert(const AgentFixture& host, const std::string& id) {
  const auto report = host.client().revert(id);
  INFO((report ? "" : report.error().message) << "\n" << host.log());
  REQUIRE(report);
  return *report;
}

// Listens, or is bound, as `call` says, then says so, and waits for ever.
Stranger start_listener(const AgentFixture& host, const std::string& call) {
  const auto said = host.folder() / "listens";
  std::filesystem::remove(said);
  Stranger listener(
      {"/usr/bin/python3", "-c", "import socket, time\n" + call + "\nprint('ready', flush=True)\ntime.sleep(1000)\n"},
      {.network_namespace = host.netns().fd(), .output = said});
  const bool ready = eventually(20s, [&] { return os::read_file(said).value_or("") == "ready\n"; });
  INFO(os::read_file(said).value_or(""));
  REQUIRE(ready);
  return listener;
}

}  // namespace

TEST_CASE("chosen processes: by name those of this host alone are killed, and nobody starts them again",
          "[kernel][agent][vm]") {
  REQUIRE_AGENT();
  AgentFixture host;
  host.start();
  const std::string name = name_on(host, "fxk");
  Stranger one = start_stranger(host, name);
  Stranger two = start_stranger(host, name);
  Stranger other = start_stranger(host, name_on(host, "fxo"));
  Stranger elsewhere({sleep_named(host, name), "1000"}, {});
  host.inject("kill", kill_named(name.substr(0, name.size() - 2) + "*"), 60s, 60s);
  CHECK(eventually(5s, [&] { return !one.runs() && !two.runs(); }));
  const auto report = revert(host, "kill");
  CHECK(report.mechanism == "pidfd");
  CHECK(report.counters.matched == 2);
  CHECK(report.counters.affected == 2);
  std::vector<std::string> expected = {name + " " + std::to_string(one.pid()), name + " " + std::to_string(two.pid())};
  std::sort(expected.begin(), expected.end());
  auto told = report.processes;
  std::sort(told.begin(), told.end());
  CHECK(told == expected);
  CHECK(one.process().wait_for(1s)->signal == SIGKILL);
  CHECK(other.runs());
  CHECK(elsewhere.runs());
  CHECK(host.ledger_records() == 0);
  CHECK(refuses(host, kill_named(name), "there are no processes named " + name));
}

TEST_CASE("chosen processes: by cgroup all below it are killed, by pid one", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture host;
  host.start();
  const std::string folder = host.agent_cgroup() + "/chosen";
  const auto inner = os::Cgroup::create(folder + "/inner");
  REQUIRE(inner);
  Stranger inside = start_stranger(host, name_on(host, "fxi"), inner->path());
  Stranger beside = start_stranger(host, name_on(host, "fxi"));
  model::Injection injection;
  injection.mutable_process_kill()->mutable_processes()->set_cgroup(folder);
  host.inject("cgroup", injection, 60s, 60s);
  CHECK(eventually(5s, [&] { return !inside.runs(); }));
  CHECK(revert(host, "cgroup").counters.affected == 1);
  CHECK(beside.runs());
  injection.mutable_process_kill()->mutable_processes()->set_pid(static_cast<std::uint32_t>(beside.pid()));
  injection.mutable_process_kill()->mutable_processes()->clear_cgroup();
  injection.mutable_process_kill()->set_signal(model::SIGNAL_TERM);
  host.inject("pid", injection, 60s, 60s);
  REQUIRE(eventually(5s, [&] { return !beside.runs(); }));
  CHECK(beside.process().wait_for(1s)->signal == SIGTERM);
}

TEST_CASE("chosen processes: who listens on a port is killed, whichever protocol", "[kernel][agent]") {
  REQUIRE_AGENT();
  const auto call = GENERATE(as<std::string>(), "s = socket.create_server(('127.0.0.1', 4242))",
                             "s = socket.create_server(('::1', 4242), family=socket.AF_INET6)",
                             "s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('127.0.0.1', 4242))",
                             "s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(('::1', 4242))");
  CAPTURE(call);
  AgentFixture host;
  host.start();
  Stranger listener = start_listener(host, call);
  Stranger other = start_listener(host, "s = socket.create_server(('127.0.0.1', 4243))");
  Stranger same_port_elsewhere({"/bin/sleep", "1000"}, {});
  model::Injection injection;
  injection.mutable_process_kill()->mutable_processes()->set_listen(4242);
  host.inject("kill", injection, 60s, 60s);
  CHECK(eventually(5s, [&] { return !listener.runs(); }));
  CHECK(revert(host, "kill").counters.affected == 1);
  CHECK(other.runs());
  CHECK(refuses(host, injection, "there are no processes that listen on port 4242"));
}

TEST_CASE("chosen processes: who was started again since the fault was prepared is met", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture host;
  host.start();
  const std::string name = name_on(host, "fxr");
  std::optional<Stranger> first(start_stranger(host, name));
  REQUIRE(host.client().prepare("kill", kill_named(name), 60s));
  first.reset();
  Stranger second = start_stranger(host, name);
  const std::int64_t now = os::boot_now_ns();
  REQUIRE(host.client().arm("kill", {.start_boot_ns = now, .end_boot_ns = now + 60'000'000'000}));
  CHECK(eventually(5s, [&] { return !second.runs(); }));
  CHECK(revert(host, "kill").counters.affected == 1);
}

TEST_CASE("chosen processes: one that is gone when the fault starts leaves it without effect", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture host;
  host.start();
  const std::string name = name_on(host, "fxg");
  std::optional<Stranger> only(start_stranger(host, name));
  REQUIRE(host.client().prepare("kill", kill_named(name), 60s));
  only.reset();
  const std::int64_t now = os::boot_now_ns();
  REQUIRE(host.client().arm("kill", {.start_boot_ns = now, .end_boot_ns = now + 60'000'000'000}));
  os::sleep_until_boot_ns(now + 100'000'000);
  const auto report = revert(host, "kill");
  CHECK(report.counters.matched == 0);
  CHECK(report.counters.affected == 0);
}

TEST_CASE("chosen processes: an agent of a lab reaches none outside its host's cgroup", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture host;
  host.start({"--exit-with", std::to_string(::getpid())});
  const std::string name = name_on(host, "fxl");
  Stranger outside = start_stranger(host, name);
  CHECK(refuses(host, kill_named(name), "there are no processes named"));
  model::Injection by_pid;
  by_pid.mutable_process_kill()->mutable_processes()->set_pid(static_cast<std::uint32_t>(outside.pid()));
  CHECK(refuses(host, by_pid, "there are no processes with id"));
  const auto cgroup = os::Cgroup::create(host.agent_cgroup() + "/svc-stranger");
  REQUIRE(cgroup);
  Stranger inside = start_stranger(host, name, cgroup->path());
  // In the cgroup, but not on the host's network: it is not that host's either.
  Stranger elsewhere({sleep_named(host, name), "1000"}, {.cgroup = cgroup->path()});
  host.inject("kill", kill_named(name), 60s, 60s);
  CHECK(eventually(5s, [&] { return !inside.runs(); }));
  CHECK(revert(host, "kill").counters.matched == 1);
  CHECK(outside.runs());
  CHECK(elsewhere.runs());
}

TEST_CASE("chosen processes: agents, guardians and the policy's protected ones are not among them", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture host;
  const std::string name = name_on(host, "fxp");
  const auto policy = host.folder() / "policy.toml";
  std::ofstream(policy) << "victims_max = 2\n[protect]\nprocesses = [\"" << name << "\"]\n";
  host.start({"--policy", policy.string()});
  REQUIRE(eventually(5s, [&] { return host.state().guardian().has_value(); }));
  for (const pid_t pid : {host.agent().pid(), host.state().guardian()->pid}) {
    model::Injection injection;
    injection.mutable_process_kill()->mutable_processes()->set_pid(static_cast<std::uint32_t>(pid));
    CHECK(refuses(host, injection, "there are no processes with id"));
  }
  Stranger kept = start_stranger(host, name);
  CHECK(refuses(host, kill_named(name), "is protected by '" + name + "' (protect.processes in "));
  const std::string many = name_on(host, "fxm");
  std::vector<Stranger> crowd;
  for (int i = 0; i < 2; ++i) crowd.push_back(start_stranger(host, many));
  REQUIRE(host.client().prepare("pause", pause_named(many), 60s));
  REQUIRE(host.client().revert("pause"));
  crowd.push_back(start_stranger(host, many));
  CHECK(refuses(host, kill_named(many), "faults would act on 3 processes at once, at most 2 are allowed"));
  CHECK(kept.runs());
}

TEST_CASE("chosen processes: a protected one that comes after the check is left out at the start", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture host;
  const std::string prefix = name_on(host, "fx");
  const auto policy = host.folder() / "policy.toml";
  std::ofstream(policy) << "[protect]\nprocesses = [\"" << prefix << "p\"]\n";
  host.start({"--policy", policy.string()});
  // On a busy machine the later one may come too late to be met at all; then once more, with more time.
  for (std::int64_t ahead_ns = 1'000'000'000;; ahead_ns *= 4) {
    REQUIRE(ahead_ns < 100'000'000'000);
    Stranger victim = start_stranger(host, prefix + "v");
    REQUIRE(host.client().prepare("kill", kill_named(prefix + "*"), 120s));
    const std::int64_t start = os::boot_now_ns() + ahead_ns;
    REQUIRE(host.client().arm("kill", {.start_boot_ns = start, .end_boot_ns = start + 60'000'000'000}));
    Stranger kept = start_stranger(host, prefix + "p");
    const bool in_time = os::boot_now_ns() < start;
    CHECK(eventually(120s, [&] { return !victim.runs(); }));
    const auto report = revert(host, "kill");
    CHECK(kept.runs());
    if (!in_time) continue;
    CHECK(report.counters.matched == 1);
    return;
  }
}

TEST_CASE("chosen processes: a pause stops them, and what somebody else has stopped stays so", "[kernel][agent][vm]") {
  REQUIRE_AGENT();
  AgentFixture host;
  host.start();
  const std::string name = name_on(host, "fxs");
  Stranger one = start_stranger(host, name);
  Stranger two = start_stranger(host, name);
  Stranger was_stopped = start_stranger(host, name);
  Stranger other = start_stranger(host, name_on(host, "fxt"));
  REQUIRE(was_stopped.process().signal(SIGSTOP));
  REQUIRE(eventually(5s, [&] { return was_stopped.stopped(); }));
  host.inject("pause", pause_named(name), 60s, 60s);
  CHECK(eventually(5s, [&] { return one.stopped() && two.stopped(); }));
  CHECK_FALSE(other.stopped());
  const auto report = revert(host, "pause");
  CHECK(report.mechanism == "sigstop");
  CHECK(report.counters.matched == 3);
  CHECK(report.counters.affected == 2);
  CHECK(eventually(5s, [&] { return !one.stopped() && !two.stopped(); }));
  CHECK(was_stopped.stopped());
  CHECK(host.ledger_records() == 0);
}

TEST_CASE("chosen processes: the guardian of a killed agent lets them go on, and nobody else", "[kernel][agent][vm]") {
  REQUIRE_AGENT();
  AgentFixture host;
  host.start();
  REQUIRE(eventually(5s, [&] { return host.state().guardian().has_value(); }));
  const std::string name = name_on(host, "fxd");
  Stranger victim = start_stranger(host, name);
  Stranger was_stopped = start_stranger(host, name);
  REQUIRE(was_stopped.process().signal(SIGSTOP));
  REQUIRE(eventually(5s, [&] { return was_stopped.stopped(); }));
  host.inject("pause", pause_named(name), 60s, 1s);
  REQUIRE(eventually(5s, [&] { return victim.stopped(); }));
  REQUIRE(host.agent().signal(SIGKILL));
  REQUIRE(host.agent().wait_for(5s));
  CHECK(eventually(10s, [&] { return !victim.stopped() && host.ledger_records() == 0; }));
  CHECK(victim.runs());
  CHECK(was_stopped.stopped());
}

TEST_CASE("chosen processes: what two pauses stop goes on when both are over", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture host;
  host.start();
  const std::string name = name_on(host, "fx2");
  Stranger victim = start_stranger(host, name);
  host.inject("first", pause_named(name), 60s, 60s);
  REQUIRE(eventually(5s, [&] { return victim.stopped(); }));
  host.inject("second", pause_named(name), 60s, 60s);
  REQUIRE(eventually(5s, [&] {
    const auto reports = host.client().renew(60s);
    return reports && std::count_if(reports->begin(), reports->end(), [](const controller::FaultCounters& one) {
                        return one.counters.affected == 1;
                      }) == 2;
  }));
  revert(host, "first");
  CHECK(victim.stopped());
  revert(host, "second");
  CHECK(eventually(5s, [&] { return !victim.stopped(); }));
  CHECK(victim.runs());
}
