#include <csignal>

#include "agent/resources/controller_group.h"
#include "agent/resources/stress_control.h"
#include "agent/resources/stress_crew.h"
#include "tests/kernel/resources_fixture.h"

using namespace fracas;
using namespace fracas::agent;
using namespace fracas::test;

#define REQUIRE_STRESS() \
  if (!can_limit_resources()) FRACAS_SKIP("needs root and cgroup2")

namespace {

StressPlace place_beside(const ResourceVictim& victim) {
  return {.control = victim.folder() / "stress" / "one",
          .group = victim.site().cgroup.parent_path() / "load-one",
          .join = {}};
}

std::unique_ptr<Effect> start(ResourceVictim& victim, const StressOrder& order) {
  auto crew = start_stress(order, place_beside(victim), victim.recorder());
  INFO((crew ? "" : crew.error().message));
  REQUIRE(crew);
  (*crew)->renew(os::boot_now_ns() + 60'000'000'000);
  return std::move(*crew);
}

std::vector<pid_t> workers(const ResourceVictim& victim) {
  const auto group = cgroup_at(place_beside(victim).group);
  return group ? group->processes().value_or(std::vector<pid_t>{}) : std::vector<pid_t>{};
}

// Zombies are still in the cgroup until the effect, their parent, collects them.
bool all_ended(const ResourceVictim& victim) {
  for (const pid_t pid : workers(victim))
    if (const auto identity = os::ProcessIdentity::of(pid); identity && identity->alive()) return false;
  return true;
}

void arm(Effect& effect, std::chrono::milliseconds length) {
  const std::int64_t now = os::boot_now_ns();
  REQUIRE(effect.arm({.start_ns = now, .end_ns = now + length.count() * 1'000'000}));
}

bool nothing_left(const ResourceVictim& victim) {
  return !std::filesystem::exists(place_beside(victim).control) && !std::filesystem::exists(place_beside(victim).group);
}

}  // namespace

TEST_CASE("stress: workers wait for the window, burn CPU in it, and end with it by themselves", "[kernel][agent]") {
  REQUIRE_STRESS();
  ResourceVictim victim;
  const auto crew = start(victim, {.kind = StressKind::cpu, .workers = 2, .share = 0.2});
  CHECK(workers(victim).size() == 2);
  CHECK(crew->counters().matched == 0);
  arm(*crew, 500ms);
  CHECK(becomes_true(5s, [&] { return all_ended(victim); }));
  const auto counted = crew->counters();
  CHECK(counted.matched >= 20);
  CHECK(counted.affected >= 10);
  CHECK(counted.first_ns > 0);
  CHECK(counted.last_ns - counted.first_ns < 700'000'000);
  REQUIRE(crew->revert());
  CHECK(nothing_left(victim));
  CHECK(crew->revert());
}

TEST_CASE("stress: a lease that is not renewed ends the workers, armed or not", "[kernel][agent]") {
  REQUIRE_STRESS();
  ResourceVictim victim;
  const auto crew = start(victim, {.kind = StressKind::cpu, .workers = 2, .share = 0.1});
  SECTION("armed") {
    arm(*crew, 60s);
  }
  SECTION("not armed") {}
  crew->renew(os::boot_now_ns() + 100'000'000);
  CHECK(becomes_true(5s, [&] { return all_ended(victim); }));
  REQUIRE(crew->revert());
  CHECK(nothing_left(victim));
}

TEST_CASE("stress: the record alone ends workers that are stopped, and nothing is left", "[kernel][agent]") {
  REQUIRE_STRESS();
  ResourceVictim victim;
  const auto crew = start(victim, {.kind = StressKind::memory, .workers = 2, .bytes = 16 << 20});
  arm(*crew, 60s);
  REQUIRE(becomes_true(5s, [&] { return crew->counters().bytes == 2 * (16 << 20); }));
  for (const pid_t pid : workers(victim)) ::kill(pid, SIGSTOP);
  REQUIRE(victim.undo_from_record());
  CHECK(nothing_left(victim));
  CHECK(victim.undo_from_record());
}

TEST_CASE("stress: memory is held inside the victim's limit, and its holder dies first", "[kernel][agent][vm]") {
  REQUIRE_STRESS();
  if (!has_v1_controller("memory")) FRACAS_SKIP("needs the version 1 memory controller");
  ResourceVictim victim;
  victim.run("exec sleep 1000");
  const auto home = v1_group_of(victim.site().main.pid, "memory").value();
  const auto limited = home / ("fracas-test-" + std::to_string(::getpid()));
  REQUIRE(std::filesystem::create_directory(limited));
  REQUIRE(os::write_kernel_file(limited / "memory.limit_in_bytes", std::to_string(32 << 20)));
  REQUIRE(os::write_kernel_file(limited / "cgroup.procs", std::to_string(victim.site().main.pid)));
  CHECK(memory_limit_of(victim.site().main.pid).value() == 32 << 20);
  CHECK(memory_left_for(victim.site().main.pid).value() <= 32 << 20);
  auto place = place_beside(victim);
  place.join = groups_to_join(victim.site().main.pid, {"memory"});
  REQUIRE(place.join == std::vector<std::filesystem::path>{limited});
  auto crew = start_stress({.kind = StressKind::memory, .bytes = 64 << 20}, place, victim.recorder());
  REQUIRE(crew);
  (*crew)->renew(os::boot_now_ns() + 60'000'000'000);
  arm(**crew, 60s);
  CHECK(becomes_true(10s, [&] { return all_ended(victim); }));
  CHECK((*crew)->counters().bytes > 16 << 20);
  CHECK((*crew)->counters().bytes < 33 << 20);
  CHECK(victim.site().main.alive());
  REQUIRE((*crew)->revert());
  CHECK(nothing_left(victim));
  REQUIRE(os::write_kernel_file(home / "cgroup.procs", std::to_string(victim.site().main.pid)));
  CHECK(becomes_true(5s, [&] { return ::rmdir(limited.c_str()) == 0; }));
}

TEST_CASE("stress: writes are durable and counted, and files are gone even after SIGKILL", "[kernel][agent]") {
  REQUIRE_STRESS();
  ResourceVictim victim;
  const auto data = victim.folder() / "data";
  std::filesystem::create_directory(data);
  const auto crew =
      start(victim, {.kind = StressKind::io, .workers = 2, .bytes = 1 << 20, .rate_per_second = 50, .folder = data});
  arm(*crew, 60s);
  CHECK(becomes_true(10s, [&] { return crew->counters().affected >= 20; }));
  CHECK(crew->counters().bytes == crew->counters().affected * 65536);
  CHECK(std::filesystem::is_empty(data));
  for (const pid_t pid : workers(victim)) ::kill(pid, SIGKILL);
  CHECK(becomes_true(5s, [&] { return all_ended(victim); }));
  CHECK(std::filesystem::is_empty(data));
  REQUIRE(crew->revert());
  CHECK(nothing_left(victim));
}

TEST_CASE("stress: an order that makes no sense, or a place that does not exist, leaves nothing", "[kernel][agent]") {
  REQUIRE_STRESS();
  ResourceVictim victim;
  const auto place = place_beside(victim);
  CHECK(start_stress({.workers = 0}, place, victim.recorder()).error().code == EINVAL);
  CHECK(start_stress({.kind = StressKind::memory}, place, victim.recorder()).error().code == EINVAL);
  CHECK(start_stress({.share = 2}, place, victim.recorder()).error().code == EINVAL);
  auto nowhere = place;
  nowhere.join = {"/nonexistent"};
  CHECK_FALSE(start_stress({.workers = 2}, nowhere, victim.recorder()));
  CHECK(nothing_left(victim));
}
