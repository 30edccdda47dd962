// Faults of system calls through the real agent. The victim is python, which says what its calls return.
#include <algorithm>
#include <csignal>
#include <sstream>

#include "agent/clock/patch.h"
#include "agent/syscalls/syscall_trace.h"
#include "lib/os/threads.h"
#include "tests/kernel/agent_fixture.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_TRACER()                                          \
  if (!can_run_agent()) FRACAS_SKIP("no rights to run an agent"); \
  if (auto works = agent::probe_syscall_tracer(); !works) FRACAS_SKIP(works.error().message.c_str())

namespace {

// Two threads that sync for ever, each sync in a line: its errno, and how many ms it took. Every tenth round a child is
// forked, which syncs too. A call that neither worked nor failed with EIO ends it.
constexpr const char* kSyncer = R"(
import os, threading, time
def sync(fd):
    before = time.monotonic()
    error = 0
    try: os.fdatasync(fd)
    except OSError as failed: error = failed.errno
    return error, int((time.monotonic() - before) * 1000)
def work(name):
    fd = os.open(name, os.O_RDWR | os.O_CREAT)
    out = os.open("said-" + name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    round = 0
    while True:
        os.write(out, b"%d %d\n" % sync(fd))
        round += 1
        if name == "main" and round % 10 == 0:
            child = os.fork()
            if child == 0:
                os.write(os.open("said-child", os.O_WRONLY | os.O_CREAT | os.O_APPEND), b"%d %d\n" % sync(fd))
                os._exit(7)
            if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 7: os._exit(1)
        time.sleep(0.005)
threading.Thread(target=work, args=["thread"], daemon=True).start()
work("main")
)";

pid_t start_syncer(const AgentFixture& host) {
  const auto pid = host.client().start_service({.name = "victim",
                                                .argv = {"/usr/bin/python3", "-c", kSyncer},
                                                .working_directory = host.folder().string(),
                                                .output = (host.folder() / "victim.log").string()});
  INFO((pid ? "" : pid.error().message));
  REQUIRE(pid);
  REQUIRE(eventually(5s, [&] { return std::filesystem::exists(host.folder() / "said-child"); }));
  return *pid;
}

struct Syncs {
  std::size_t good = 0;
  std::size_t failed = 0;
  std::size_t other = 0;  // any other error
  int longest_ms = 0;
};

Syncs said(const AgentFixture& host, const std::string& who) {
  std::istringstream lines(os::read_file(host.folder() / ("said-" + who)).value_or(""));
  Syncs syncs;
  int error = 0, took_ms = 0;
  while (lines >> error >> took_ms) {
    ++(error == 0 ? syncs.good : error == EIO ? syncs.failed : syncs.other);
    syncs.longest_ms = std::max(syncs.longest_ms, took_ms);
  }
  return syncs;
}

bool traced(pid_t pid) {
  return os::status_number(pid, "TracerPid") != 0;
}

// Goes on without errors; true after ten good syncs more.
bool works_again(const AgentFixture& host) {
  const Syncs before = said(host, "thread");
  const bool more = eventually(5s, [&] { return said(host, "thread").good >= before.good + 10; });
  return more && said(host, "thread").failed <= before.failed + 1;
}

model::Injection failing_syncs(double share = 1) {
  model::Injection injection = on_services({"victim"});
  model::SyscallError& fault = *injection.mutable_syscall_error();
  fault.add_calls("fdatasync");
  fault.set_error("EIO");
  fault.set_share(share);
  return injection;
}

}  // namespace

TEST_CASE("syscall.error: calls of every thread and child fail inside the window, and then the process is let go",
          "[kernel][agent][vm]") {
  REQUIRE_TRACER();
  AgentFixture host;
  host.start();
  const pid_t pid = start_syncer(host);
  CHECK_FALSE(traced(pid));
  host.inject("f", failing_syncs(0.5), 1500ms, 10s);
  CHECK(eventually(5s, [&] {
    return said(host, "main").failed > 5 && said(host, "thread").failed > 5 && said(host, "child").failed > 1;
  }));
  CHECK(traced(pid));
  CHECK(eventually(5s, [&] { return !traced(pid); }));
  CHECK(works_again(host));
  const auto ended = host.client().revert("f");
  REQUIRE(ended);
  CHECK(ended->mechanism == "ptrace");
  std::size_t failed = 0, other = 0;
  for (const char* who : {"main", "thread", "child"}) {
    failed += said(host, who).failed;
    other += said(host, who).other;
  }
  CHECK(ended->counters.affected == failed);
  CHECK(other == 0);
  CHECK(ended->counters.matched > ended->counters.affected);
  CHECK(host.ledger_records() == 0);
  CHECK(host.processes("victim").front() == pid);
}

TEST_CASE("syscall.delay: calls take longer, and are let go when the fault is reverted", "[kernel][agent]") {
  REQUIRE_TRACER();
  AgentFixture host;
  host.start();
  const pid_t pid = start_syncer(host);
  model::Injection injection = on_services({"victim"});
  model::SyscallDelay& fault = *injection.mutable_syscall_delay();
  fault.add_calls("fdatasync");
  fault.set_share(1);
  SECTION("a while") {
    fault.mutable_delay()->set_nanos(100'000'000);
    host.inject("f", injection, 1s, 10s);
    CHECK(eventually(5s, [&] { return !traced(pid) && host.ledger_records() == 0; }));
    CHECK(said(host, "thread").longest_ms >= 100);
  }
  SECTION("for ever") {
    fault.mutable_delay()->set_seconds(60);
    host.inject("f", injection, 60s, 10s);
    REQUIRE(eventually(5s, [&] { return traced(pid); }));
    os::sleep_until_boot_ns(os::boot_now_ns() + 200'000'000);
    REQUIRE(host.client().revert("f"));
    CHECK_FALSE(traced(pid));
  }
  CHECK(works_again(host));
  CHECK(said(host, "main").failed + said(host, "thread").other == 0);
}

TEST_CASE("syscall.error: ends with the lease of a killed agent, and with a tracer that is killed or stopped",
          "[kernel][agent]") {
  REQUIRE_TRACER();
  AgentFixture host;
  host.start();
  const pid_t pid = start_syncer(host);
  REQUIRE(eventually(5s, [&] { return host.state().guardian().has_value(); }));
  host.inject("f", failing_syncs(), 60s, 2s);
  REQUIRE(eventually(5s, [&] { return said(host, "thread").failed > 0; }));
  const pid_t tracer = os::status_number(pid, "TracerPid");
  SECTION("agent") {
    REQUIRE(host.agent().signal(SIGKILL));
  }
  SECTION("tracer") {
    REQUIRE(::kill(tracer, SIGKILL) == 0);
  }
  SECTION("tracer, stopped, and agent") {
    REQUIRE(::kill(tracer, SIGSTOP) == 0);
    REQUIRE(host.agent().signal(SIGKILL));
  }
  CHECK(eventually(5s, [&] { return !traced(pid) && host.ledger_records() == 0; }));
  CHECK(works_again(host));
  CHECK(host.processes("victim").front() == pid);
}

TEST_CASE("syscall.error: a process that is traced already is refused by name", "[kernel][agent]") {
  REQUIRE_TRACER();
  AgentFixture host;
  host.start();
  start_syncer(host);
  host.inject("f", failing_syncs(), 60s, 10s);
  REQUIRE(eventually(5s, [&] { return said(host, "thread").failed > 0; }));
  const auto second = host.client().prepare("g", failing_syncs(), 10s);
  REQUIRE_FALSE(second);
  CHECK(second.error().message.find("is traced already, by process") != std::string::npos);
}

TEST_CASE("syscall.error: a process that is stopped and continued meanwhile behaves as ever", "[kernel][agent]") {
  REQUIRE_TRACER();
  AgentFixture host;
  host.start();
  const pid_t pid = start_syncer(host);
  host.inject("f", failing_syncs(0.5), 2s, 10s);
  REQUIRE(eventually(5s, [&] { return said(host, "thread").failed > 0; }));
  REQUIRE(::kill(pid, SIGSTOP) == 0);
  os::sleep_until_boot_ns(os::boot_now_ns() + 100'000'000);
  const Syncs stopped = said(host, "thread");
  os::sleep_until_boot_ns(os::boot_now_ns() + 200'000'000);
  CHECK(said(host, "thread").good + said(host, "thread").failed <= stopped.good + stopped.failed + 1);
  SECTION("continued while it is traced") {
    REQUIRE(::kill(pid, SIGCONT) == 0);
    CHECK(eventually(5s, [&] { return said(host, "thread").failed > stopped.failed; }));
  }
  SECTION("let go while it is stopped") {
    CHECK(eventually(5s, [&] { return !traced(pid); }));
    CHECK(said(host, "thread").good + said(host, "thread").failed <= stopped.good + stopped.failed + 1);
    REQUIRE(::kill(pid, SIGCONT) == 0);
  }
  CHECK(eventually(5s, [&] { return !traced(pid); }));
  CHECK(works_again(host));
}

TEST_CASE("syscall.error: a clock fault of the same service that ends meanwhile is undone afterwards",
          "[kernel][agent]") {
  REQUIRE_TRACER();
  AgentFixture host;
  host.start();
  const pid_t pid = start_syncer(host);
  model::Injection skew = on_services({"victim"});
  skew.mutable_clock_skew()->set_offset("5s");
  const auto patched = [pid] {
    const auto header = agent::clock::look_into(pid);
    return header && *header;
  };
  SECTION("its window ends") {
    host.inject("clock", skew, 800ms, 10s);
    host.inject("f", failing_syncs(0.5), 2s, 10s);
    REQUIRE(eventually(5s, [&] { return said(host, "thread").failed > 0; }));
    CHECK(patched());
    CHECK(eventually(8s, [&] { return host.ledger_records() == 0; }));
    CHECK_FALSE(patched());
    CHECK(works_again(host));
  }
  SECTION("both are healed at once, by the agent or without it") {
    host.inject("clock", skew, 60s, 10s);
    host.inject("f", failing_syncs(0.5), 60s, 10s);
    REQUIRE(eventually(5s, [&] { return said(host, "thread").failed > 0; }));
    if (GENERATE(true, false)) {
      const auto guardian = host.state().guardian();
      REQUIRE(guardian);
      REQUIRE(::kill(guardian->pid, SIGKILL) == 0);
      REQUIRE(host.agent().signal(SIGKILL));
      REQUIRE(host.agent().wait_for(2s));
    }
    const auto [code, text] = host.heal();
    INFO(text);
    CHECK(code == 0);
  }
}
