#include "agent/resources/crash_point.h"

#include <csignal>

#include "tests/kernel/resources_fixture.h"

using namespace fracas;
using namespace fracas::agent;
using namespace fracas::test;

#define REQUIRE_CRASH_POINT()                                                     \
  if (!can_limit_resources()) FRACAS_SKIP("needs root and cgroup2");              \
  if (const auto works = CrashPoint::attach({.victims = {any_cgroup()}}); !works) \
  FRACAS_SKIP(works.error().message.c_str())

namespace {

std::filesystem::path any_cgroup() {
  return os::Cgroup::mount_point().value();
}

CrashPoint attach(const ResourceVictim& victim, CrashCall call, std::uint64_t at, int signal = SIGKILL) {
  auto point = CrashPoint::attach({.victims = {victim.site().cgroup}, .call = call, .at = at, .signal = signal});
  INFO((point ? "" : point.error().message));
  REQUIRE(point);
  point->renew(os::boot_now_ns() + 60'000'000'000);
  return std::move(*point);
}

void arm(CrashPoint& point, std::chrono::milliseconds length) {
  const std::int64_t now = os::boot_now_ns();
  point.arm({.start_ns = now, .end_ns = now + length.count() * 1'000'000});
}

// Starts when told to, so that its first call comes after the arming; each line is one write of its own.
constexpr const char* kWriter =
    "while [ ! -e go ]; do sleep 0.01; done; i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo $i; done";

}  // namespace

TEST_CASE("crash point: the victim dies at its fifth write, and the fifth does nothing", "[kernel][agent][vm]") {
  REQUIRE_CRASH_POINT();
  ResourceVictim victim;
  CrashPoint point = attach(victim, CrashCall::write, 5);
  os::Process& process = victim.run(kWriter);
  arm(point, 60s);
  REQUIRE(os::write_file_durably(victim.folder() / "go", ""));
  const auto ended = process.wait_for(10s);
  REQUIRE(ended);
  CHECK(ended->signal == SIGKILL);
  CHECK(victim.output() == "1\n2\n3\n4\n");
  CHECK(point.counters().matched == 5);
  CHECK(point.counters().affected == 1);
  REQUIRE(point.hits().size() == 1);
  CHECK(point.hits()[0].pid == process.pid());
  CHECK(point.hits()[0].reached);
}

TEST_CASE("crash point: an fsync has happened, and nothing after it", "[kernel][agent]") {
  REQUIRE_CRASH_POINT();
  ResourceVictim victim;
  CrashPoint point = attach(victim, CrashCall::fsync, 2);
  os::Process& process = victim.run(
      "while [ ! -e go ]; do sleep 0.01; done; for i in 1 2 3; do echo $i > a; "
      "dd if=a of=b$i conv=fsync 2>/dev/null; echo $i; done");
  arm(point, 60s);
  REQUIRE(os::write_file_durably(victim.folder() / "go", ""));
  // The second dd dies; the shell, another process of the service, goes on.
  REQUIRE(process.wait_for(10s));
  REQUIRE(point.hits().size() == 1);
  CHECK(point.hits()[0].pid != process.pid());
  CHECK(point.counters().matched == 3);
  CHECK(victim.output("b2") == "2\n");
}

TEST_CASE("crash point: others' calls do not count, nor do calls outside window and lease", "[kernel][agent][vm]") {
  REQUIRE_CRASH_POINT();
  ResourceVictim victim, other;
  CrashPoint point = attach(victim, CrashCall::write, 3);
  SECTION("another service") {
    arm(point, 60s);
    os::Process& process = other.run(kWriter);
    REQUIRE(os::write_file_durably(other.folder() / "go", ""));
    CHECK(process.wait_for(10s)->signal == 0);
  }
  SECTION("not armed") {}
  SECTION("after the window") {
    arm(point, 1ms);
  }
  SECTION("after the lease") {
    arm(point, 60s);
    point.renew(os::boot_now_ns());
  }
  os::sleep_until_boot_ns(os::boot_now_ns() + 5'000'000);
  if (other.output().empty()) {
    os::Process& process = victim.run(kWriter);
    REQUIRE(os::write_file_durably(victim.folder() / "go", ""));
    CHECK(process.wait_for(10s)->signal == 0);
  }
  CHECK(point.counters().matched == 0);
  CHECK(point.hits().empty());
}

TEST_CASE("crash point: SIGSTOP holds the victim at its call, SIGCONT lets it go on", "[kernel][agent][vm]") {
  REQUIRE_CRASH_POINT();
  ResourceVictim victim;
  CrashPoint point = attach(victim, CrashCall::write, 5, SIGSTOP);
  os::Process& process = victim.run(kWriter);
  arm(point, 60s);
  REQUIRE(os::write_file_durably(victim.folder() / "go", ""));
  REQUIRE(becomes_true(10s, [&] { return victim.proc("stat").find(") T ") != std::string::npos; }));
  CHECK(victim.output() == "1\n2\n3\n4\n5\n");
  REQUIRE(process.signal(SIGCONT));
  CHECK(process.wait_for(10s)->code == 0);
}

TEST_CASE("crash point: a victim below the cgroup is a victim, and gone with the object", "[kernel][agent]") {
  REQUIRE_CRASH_POINT();
  ResourceVictim victim;
  {
    auto point =
        CrashPoint::attach({.victims = {victim.site().cgroup.parent_path()}, .call = CrashCall::write, .at = 2});
    REQUIRE(point);
    point->renew(os::boot_now_ns() + 60'000'000'000);
    arm(*point, 60s);
    os::Process& process = victim.run("echo a; echo b; echo c");
    CHECK(process.wait_for(10s)->signal == SIGKILL);
  }
  CHECK(victim.output() == "a\n");
  os::Process& process = victim.run("echo a; echo b; echo c");
  CHECK(process.wait_for(10s)->code == 0);
}

TEST_CASE("crash point: what makes no sense is refused", "[kernel][agent]") {
  REQUIRE_CRASH_POINT();
  CHECK(CrashPoint::attach({.victims = {}}).error().code == EINVAL);
  CHECK(CrashPoint::attach({.victims = {any_cgroup()}, .at = 0}).error().code == EINVAL);
  CHECK(CrashPoint::attach({.victims = {any_cgroup()}, .signal = 0}).error().code == EINVAL);
  CHECK(CrashPoint::attach({.victims = {"/nonexistent"}}).error().code == ENOENT);
}
