#include <sys/resource.h>

#include <algorithm>

#include "agent/resources/controller_group.h"
#include "agent/resources/cpu_quota.h"
#include "agent/resources/fd_limit.h"
#include "agent/resources/pid_limit.h"
#include "agent/resources/soft_limit.h"
#include "tests/kernel/resources_fixture.h"

using namespace fracas;
using namespace fracas::agent;
using namespace fracas::test;

#define REQUIRE_LIMITS() \
  if (!can_limit_resources()) FRACAS_SKIP("needs root and cgroup2")

namespace {

constexpr const char* kBusy = "while :; do :; done";

// Everything that a limit of ours could have changed about the victim.
std::string state_of(const ResourceVictim& victim) {
  std::string state = victim.proc("cgroup") + victim.proc("limits");
  for (const char* file : {"cpu.max", "pids.max", "memory.max"})
    state += os::read_file(victim.site().cgroup / file).value_or("-\n");
  for (const char* controller : {"cpu", "pids"})
    for (const auto& group : {v1_group_of(victim.site().main.pid, controller)})
      for (const auto& entry :
           group ? std::filesystem::directory_iterator(*group) : std::filesystem::directory_iterator())
        if (entry.is_directory()) state += entry.path().string() + "\n";
  return state;
}

std::uint64_t cpu_ticks(const ResourceVictim& victim) {
  const std::string text = victim.proc("stat");
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  std::uint64_t user = 0, system = 0;
  fields >> user >> system;
  return user + system;
}

std::unique_ptr<TimedEffect> throttle(ResourceVictim& victim, double cpus) {
  auto change = plan_cpu_quota({.victims = {victim.site()}, .cpus = cpus, .period = 20ms, .id = "test"});
  INFO((change ? "" : change.error().message));
  REQUIRE(change);
  return make_held_change(std::move(*change), victim.recorder());
}

}  // namespace

TEST_CASE("cpu quota: the victim gets its share and no more, and afterwards everything is as before",
          "[kernel][agent][vm]") {
  REQUIRE_LIMITS();
  if (!cpu_quota_mechanism()) FRACAS_SKIP(cpu_quota_mechanism().error().message.c_str());
  ResourceVictim victim;
  victim.run(kBusy);
  const std::string before = state_of(victim);
  const auto effect = throttle(victim, 0.1);
  CHECK(state_of(victim) == before);
  begin(*effect, 5s);
  CHECK(state_of(victim) != before);
  CHECK(victim.recorded() != "");
  const std::uint64_t used = cpu_ticks(victim);
  os::sleep_until_boot_ns(os::boot_now_ns() + 1'000'000'000);
  // A tenth of a second is 10 ticks; unthrottled it would be near 100.
  CHECK(cpu_ticks(victim) - used < 25);
  CHECK(effect->counters().affected > 10);
  CHECK(effect->counters().matched >= effect->counters().affected);
  REQUIRE(effect->revert());
  CHECK(state_of(victim) == before);
  CHECK(effect->counters().affected > 10);
  CHECK(effect->revert());
}

TEST_CASE("cpu quota: processes that come later are throttled as well", "[kernel][agent][vm]") {
  REQUIRE_LIMITS();
  if (!cpu_quota_mechanism()) FRACAS_SKIP(cpu_quota_mechanism().error().message.c_str());
  ResourceVictim victim;
  victim.run("while [ ! -e more ]; do sleep 0.01; done; (while :; do :; done) & wait");
  const auto effect = throttle(victim, 0.1);
  begin(*effect, 5s);
  REQUIRE(os::write_file_durably(victim.folder() / "more", ""));
  CHECK(becomes_true(5s, [&] {
    REQUIRE(effect->tick(os::boot_now_ns()));
    return effect->counters().affected > 5;
  }));
  REQUIRE(effect->revert());
}

TEST_CASE("cpu quota: the record alone is enough to undo it, twice", "[kernel][agent]") {
  REQUIRE_LIMITS();
  if (!cpu_quota_mechanism()) FRACAS_SKIP(cpu_quota_mechanism().error().message.c_str());
  ResourceVictim victim;
  victim.run(kBusy);
  const std::string before = state_of(victim);
  const auto effect = throttle(victim, 0.5);
  begin(*effect, 5s);
  REQUIRE(victim.undo_from_record());
  CHECK(state_of(victim) == before);
  CHECK(victim.undo_from_record());
  CHECK(effect->revert());
}

TEST_CASE("cpu quota: a number out of range is refused before anything is touched", "[kernel][agent]") {
  REQUIRE_LIMITS();
  ResourceVictim victim;
  CHECK(plan_cpu_quota({.victims = {victim.site()}, .cpus = 0, .id = "test"}).error().code == EINVAL);
  CHECK(plan_cpu_quota({.victims = {victim.site()}, .cpus = 1, .period = 2s, .id = "test"}).error().code == EINVAL);
}

TEST_CASE("descriptor limit: open fails with EMFILE, what is open works on, and the limit comes back",
          "[kernel][agent][vm]") {
  REQUIRE_LIMITS();
  ResourceVictim victim;
  victim.run(
      "exec 7>kept; while :; do if (: ) 2>/dev/null && : 3</dev/null; then echo open; else echo full; fi; "
      "echo still >&7; sleep 0.02; done 2>/dev/null");
  REQUIRE(becomes_true(5s, [&] { return victim.output().find("open") != std::string::npos; }));
  const std::string before = state_of(victim);
  const auto effect = make_held_change(plan_fd_limit({.victims = {victim.site()}}), victim.recorder());
  begin(*effect, 5s);
  CHECK(effect->counters().affected >= 1);
  const std::size_t kept = victim.output("kept").size();
  CHECK(becomes_true(5s, [&] { return victim.output("kept").size() > kept; }));
  CHECK(soft_limit(victim.site().main.pid, RLIMIT_NOFILE).value() < 10);
  REQUIRE(effect->revert());
  CHECK(state_of(victim) == before);
}

TEST_CASE("descriptor limit: the record alone raises it again, for children born meanwhile as well",
          "[kernel][agent]") {
  REQUIRE_LIMITS();
  ResourceVictim victim;
  victim.run("while [ ! -e more ]; do sleep 0.01; done; sleep 1000 & echo $! > child; wait");
  const std::uint64_t former = soft_limit(victim.site().main.pid, RLIMIT_NOFILE).value();
  // The shell needs some to start its child.
  const auto effect = make_held_change(plan_fd_limit({.victims = {victim.site()}, .spare = 12}), victim.recorder());
  begin(*effect, 5s);
  REQUIRE(os::write_file_durably(victim.folder() / "more", ""));
  REQUIRE(becomes_true(5s, [&] { return victim.output("child").find('\n') != std::string::npos; }));
  const auto child = static_cast<pid_t>(std::stol(victim.output("child")));
  CHECK(soft_limit(child, RLIMIT_NOFILE).value() < former);
  REQUIRE(victim.undo_from_record());
  CHECK(soft_limit(victim.site().main.pid, RLIMIT_NOFILE).value() == former);
  CHECK(soft_limit(child, RLIMIT_NOFILE).value() == former);
}

TEST_CASE("process limit: fork fails, is counted, and works again", "[kernel][agent][vm]") {
  REQUIRE_LIMITS();
  if (!pid_limit_mechanism()) FRACAS_SKIP(pid_limit_mechanism().error().message.c_str());
  ResourceVictim victim;
  // dash gives up when fork fails; a subshell that fails would be a fork as well, so the loop is python's.
  victim.run(
      "exec python3 -u -c 'import os,time\nprint(\"ready\")\nwhile not os.path.exists(\"go\"): time.sleep(0.01)\n"
      "while True:\n  try:\n    p=os.fork()\n    if p==0: os._exit(0)\n"
      "    os.waitpid(p,0); print(\"forked\")\n  except OSError as e: print(\"refused\", e.errno)\n"
      "  time.sleep(0.02)\n'");
  // While it has no child: one that just ends would count as a process it may have.
  REQUIRE(becomes_true(10s, [&] { return victim.output().find("ready") != std::string::npos; }));
  const std::string before = state_of(victim);
  auto change = plan_pid_limit({.victims = {victim.site()}, .id = "test"});
  REQUIRE(change);
  const auto effect = make_held_change(std::move(*change), victim.recorder());
  begin(*effect, 5s * slowness());
  REQUIRE(os::write_file_durably(victim.folder() / "go", ""));
  CHECK(becomes_true(5s, [&] { return victim.output().find("refused 11") != std::string::npos; }));
  CHECK(effect->counters().affected > 0);
  REQUIRE(effect->revert());
  CHECK(state_of(victim) == before);
  const std::size_t written = victim.output().size();
  CHECK(becomes_true(5s, [&] { return victim.output().find("forked", written) != std::string::npos; }));
}
