#include <sys/ptrace.h>

#include <algorithm>
#include <chrono>

#include "agent/clock/helper.h"
#include "agent/clock/tracer.h"
#include "agent/clock/victim_memory.h"
#include "agent/clock/witness.h"
#include "tests/kernel/clock_fixture.h"

using namespace fracas;
using namespace fracas::test;
using namespace std::chrono_literals;
namespace clock_of = fracas::agent::clock;

bool fracas::test::clock_is_pristine(pid_t pid) {
  const auto memory = clock_of::VictimMemory::open(pid);
  const auto bytes = memory ? memory->read_vdso() : clock_of::Bytes{};
  return bytes && *bytes == clock_of::pristine_vdso()->bytes;
}

namespace {

constexpr const char* kNeeds = "needs root and the victims' programs";

// Attaches, shifts by a minute, and takes it back.
void shift_and_restore(const ClockVictim& victim) {
  const auto attached = clock_of::attach(victim.pid(), kClockOwner);
  INFO((attached ? "" : attached.error().message));
  REQUIRE(attached);
  CHECK(*attached);
  CHECK(victim.shows(0));
  REQUIRE(set_clock(victim.pid(), {.offset = 60s}));
  CHECK(victim.shows(60'000));
  REQUIRE(set_clock(victim.pid(), {.offset = -90s}));
  CHECK(victim.shows(-90'000));
  const auto recovered = clock_of::recover(victim.pid(), 1s);
  INFO((recovered ? "" : recovered.error().message));
  REQUIRE(recovered);
  CHECK(victim.shows(0));
  CHECK(clock_is_pristine(victim.pid()));
  CHECK(clock_of::recover(victim.pid(), 1s));
}

void shift_every_reading(const std::string& program) {
  const ClockVictim victim({clock_victim(program)});
  REQUIRE(clock_of::attach(victim.pid(), kClockOwner));
  REQUIRE(set_clock(victim.pid(), {.offset = 60s}));
  const auto all = [](double realtime, double monotonic) {
    return [=](const std::vector<double>& line) {
      if (line.size() != 7) return false;
      for (std::size_t i = 0; i < 5; ++i)
        if (std::abs(line[i] - realtime) > (i == 3 ? 1010 : 30)) return false;
      return std::abs(line[5] - monotonic) < 30 && std::abs(line[6]) < 30;
    };
  };
  CHECK(victim.comes(all(60'000, 0)));
  REQUIRE(set_clock(victim.pid(), {.realtime = false, .monotonic = true, .offset = 500ms}));
  CHECK(victim.comes(all(0, 500)));
  CHECK(clock_of::recover(victim.pid(), 3s));
  CHECK(victim.comes(all(0, 0)));
  CHECK(clock_is_pristine(victim.pid()));
}

}  // namespace

TEST_CASE("clock patch: every way a C program reads the time is shifted, linked dynamically or not",
          "[kernel][agent][clock][vm]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  shift_every_reading("clock_watch");
  shift_every_reading("clock_watch_static");
}

TEST_CASE("clock patch: a C++ program is shifted and restored", "[kernel][agent][clock][vm]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  shift_and_restore(ClockVictim({clock_victim("clock_wall")}));
}

TEST_CASE("clock patch: a Python program is shifted and restored", "[kernel][agent][clock][vm]") {
  if (!can_patch_clocks() || !has_program("python3")) FRACAS_SKIP("needs root and python3");
  shift_and_restore(ClockVictim({"/usr/bin/env", "python3", clock_source("clock_wall.py")}));
}

TEST_CASE("clock patch: a Node program is shifted and restored", "[kernel][agent][clock]") {
  if (!can_patch_clocks() || !has_program("node")) FRACAS_SKIP("needs root and node");
  shift_and_restore(ClockVictim({"/usr/bin/env", "node", clock_source("clock_wall.js")}));
}

TEST_CASE("clock patch: a Java program is shifted and restored", "[kernel][agent][clock][slow]") {
  if (!can_patch_clocks() || !has_program("java")) FRACAS_SKIP("needs root and java");
  shift_and_restore(ClockVictim({"/usr/bin/env", "java", clock_source("ClockWall.java")}));
}

TEST_CASE("clock patch: a Go program is shifted and restored", "[kernel][agent][clock]") {
  if (!can_patch_clocks() || !has_program("go")) FRACAS_SKIP("needs root and go");
  const GoVictim go;
  shift_and_restore(ClockVictim({go.program()}));
}

TEST_CASE("clock patch: drift grows and strobe alternates", "[kernel][agent][clock]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  const ClockVictim victim({clock_victim("clock_watch")});
  REQUIRE(clock_of::attach(victim.pid(), kClockOwner));
  const agent::Window window = clock_hour();
  REQUIRE(set_clock(victim.pid(), {.drift_ppm = 100'000}, window));
  REQUIRE(victim.comes([](const std::vector<double>& line) { return line.front() > 40; }));
  const double expected = static_cast<double>(os::boot_now_ns() - window.start_ns) / 1e7;
  CHECK(std::abs(victim.last().front() - expected) < 10);
  REQUIRE(set_clock(victim.pid(), {.offset = -1s, .strobe_by = 3s, .strobe_period = 100ms}));
  for (int i = 0; i < 3; ++i) {
    CHECK(victim.shows(-1000));
    CHECK(victim.shows(2000));
  }
  CHECK(clock_of::recover(victim.pid(), 1s));
  CHECK(victim.shows(0));
}

TEST_CASE("clock patch: the window begins and ends by itself", "[kernel][agent][clock]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  const ClockVictim victim({clock_victim("clock_watch")});
  REQUIRE(clock_of::attach(victim.pid(), kClockOwner));
  const std::int64_t start = os::boot_now_ns() + 200'000'000;
  REQUIRE(set_clock(victim.pid(), {.offset = 60s}, {.start_ns = start, .end_ns = start + 300'000'000}));
  CHECK(std::abs(victim.last().front()) < 30);
  CHECK(victim.shows(60'000));
  CHECK(os::boot_now_ns() >= start);
  CHECK(victim.shows(0));
  CHECK(os::boot_now_ns() >= start + 300'000'000);
  CHECK(os::boot_now_ns() < start + 600'000'000);
  CHECK(clock_of::look_into(victim.pid())->has_value());
  CHECK(clock_of::recover(victim.pid(), 1s));
  CHECK(clock_is_pristine(victim.pid()));
}

TEST_CASE("clock patch: a forked child is restored without being known, an exec sheds the shift",
          "[kernel][agent][clock][vm]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  const pid_t child = ::fork();
  if (child == 0)
    for (;;) ::pause();
  REQUIRE(child > 0);
  CHECK(clock_of::attach(child, kClockOwner));
  CHECK(set_clock(child, {.offset = 60s}));
  CHECK_FALSE(clock_is_pristine(child));
  CHECK(clock_of::recover(child, 1s));
  CHECK(clock_is_pristine(child));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(clock_of::recover(child, 1s));
  CHECK(clock_of::attach(child, kClockOwner).error().code == ESRCH);
}

namespace {

// A process that waits for a vfork child in the kernel, where no signal reaches it; the child waits until it is killed.
class VforkPair {
 public:
  VforkPair() : parent_(::fork()) {
    if (parent_ == 0) {
      if (::vfork() == 0)
        for (;;) ::pause();
      ::_exit(7);
    }
    REQUIRE(parent_ > 0);
    const std::string children = "/proc/" + std::to_string(parent_) + "/task/" + std::to_string(parent_) + "/children";
    for (int i = 0; i < 1000 && child_ == 0; ++i) {
      child_ = static_cast<pid_t>(std::strtol(os::read_file(children).value_or("").c_str(), nullptr, 10));
      os::sleep_until_boot_ns(os::boot_now_ns() + 2'000'000);
    }
    REQUIRE(child_ > 0);
  }
  ~VforkPair() {
    ::kill(child_, SIGKILL);
    ::kill(parent_, SIGKILL);
    if (!ended_) ::waitpid(parent_, nullptr, 0);
  }
  pid_t parent() const { return parent_; }
  pid_t child() const { return child_; }
  // Ends the child; what the parent returns then.
  int parent_goes_on() {
    ::kill(child_, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(parent_, &status, 0) == parent_);
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t parent_;
  pid_t child_ = 0;
  bool ended_ = false;
};

}  // namespace

TEST_CASE("clock patch: a vfork child has its parent's memory, and is left to it", "[kernel][agent][clock]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  const VforkPair pair;
  CHECK(clock_of::attach(pair.child(), kClockOwner).error().code == ESRCH);
  const std::int64_t before = os::boot_now_ns();
  CHECK(clock_of::attach(pair.parent(), kClockOwner));
  CHECK(os::boot_now_ns() - before < 1'000'000'000);
  CHECK(clock_of::recover(pair.child(), 1s));
  CHECK_FALSE(clock_is_pristine(pair.parent()));
  CHECK(clock_of::recover(pair.parent(), 1s));
  CHECK(clock_is_pristine(pair.parent()));
}

// As for a process of which another thread stands in the code to be changed, and has to run on first.
TEST_CASE("clock patch: a process that no signal reaches is stopped again by the same tracer",
          "[kernel][agent][clock]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  VforkPair pair;
  const Status stopped = clock_of::run_in_helper(
      [&pair]() -> Status {
        for (int i = 0; i < 3; ++i)
          if (auto one = clock_of::StoppedProcess::stop(pair.parent(), os::boot_now_ns() + 5'000'000'000); !one)
            return failure(std::move(one).error());
        return {};
      },
      30s);
  INFO((stopped ? "" : stopped.error().message));
  CHECK(stopped);
  CHECK(pair.parent_goes_on() == 7);
}

TEST_CASE("clock patch: a Go program that starts others all the time is restored every time",
          "[kernel][agent][clock]") {
  if (!can_patch_clocks() || !has_program("go")) FRACAS_SKIP("needs root and go");
  const GoVictim go;
  ClockVictim victim({go.program(), clock_victim("clock_watch")});
  for (int round = 0; round < 50; ++round) {
    REQUIRE(clock_of::attach(victim.pid(), kClockOwner));
    REQUIRE(set_clock(victim.pid(), {.offset = 60s}));
    os::sleep_until_boot_ns(os::boot_now_ns() + 10'000'000);
    const auto recovered = clock_of::recover(victim.pid(), 1s);
    INFO((recovered ? "" : recovered.error().message));
    REQUIRE(recovered);
  }
  CHECK(victim.alive());
}

TEST_CASE("clock patch: one fault a process, and a traced process is refused unharmed", "[kernel][agent][clock]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  const ClockVictim victim({clock_victim("clock_watch")});
  REQUIRE(clock_of::attach(victim.pid(), kClockOwner));
  CHECK(clock_of::attach(victim.pid(), kClockOwner));
  CHECK(clock_of::attach(victim.pid(), kClockOwner + 1).error().code == EBUSY);
  CHECK(clock_of::configure(victim.pid(), kClockOwner + 1, {}).error().code == ENOENT);
  REQUIRE(clock_of::recover(victim.pid(), 1s));

  REQUIRE(::ptrace(PTRACE_SEIZE, victim.pid(), nullptr, nullptr) == 0);
  const auto refused = clock_of::attach(victim.pid(), kClockOwner);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == EPERM);
  CHECK(refused.error().message.find("traced already") != std::string::npos);
  CHECK(clock_is_pristine(victim.pid()));
  REQUIRE(::ptrace(PTRACE_INTERRUPT, victim.pid(), nullptr, nullptr) == 0);
  REQUIRE(::waitpid(victim.pid(), nullptr, __WALL) == victim.pid());
  REQUIRE(::ptrace(PTRACE_DETACH, victim.pid(), nullptr, nullptr) == 0);
  CHECK(clock_of::attach(victim.pid(), kClockOwner));
  CHECK(clock_of::recover(victim.pid(), 1s));
}

TEST_CASE("clock patch: a traced victim's clock is right again even where the stub must stay",
          "[kernel][agent][clock]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  const ClockVictim victim({clock_victim("clock_watch")});
  REQUIRE(clock_of::attach(victim.pid(), kClockOwner));
  REQUIRE(set_clock(victim.pid(), {.offset = 60s}));
  REQUIRE(victim.shows(60'000));
  REQUIRE(::ptrace(PTRACE_SEIZE, victim.pid(), nullptr, nullptr) == 0);
  CHECK(clock_of::recover(victim.pid(), 1s).error().code == EPERM);
  CHECK(victim.shows(0));
  REQUIRE(::ptrace(PTRACE_INTERRUPT, victim.pid(), nullptr, nullptr) == 0);
  REQUIRE(::waitpid(victim.pid(), nullptr, __WALL) == victim.pid());
  REQUIRE(::ptrace(PTRACE_DETACH, victim.pid(), nullptr, nullptr) == 0);
  CHECK(clock_of::recover(victim.pid(), 1s));
  CHECK(clock_is_pristine(victim.pid()));
}

TEST_CASE("clock patch: a reader of the shifted clock is seen, one that reads nothing is not",
          "[kernel][agent][clock]") {
  if (!can_patch_clocks()) FRACAS_SKIP(kNeeds);
  const ClockVictim victim({clock_victim("clock_watch")});
  REQUIRE(clock_of::attach(victim.pid(), kClockOwner));
  const auto idle = clock_of::Witness::watch(victim.pid());
  INFO((idle ? "" : idle.error().message));
  REQUIRE(idle);
  std::vector<double> before = victim.last();
  REQUIRE(victim.shows(0));
  CHECK_FALSE(idle->seen());
  REQUIRE(set_clock(victim.pid(), {.offset = 60s}));
  REQUIRE(victim.shows(60'000));
  CHECK(idle->seen());
  CHECK(clock_of::recover(victim.pid(), 1s));
}
