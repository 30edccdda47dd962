// Clock faults with `system`. They set the clock of the machine they run on: all but the refusals need a virtual one.
#include <cmath>
#include <cstdlib>
#include <ctime>

#include "agent/clock/machine_clock.h"
#include "tests/kernel/agent_fixture.h"

using namespace fracas;
using namespace fracas::test;

// Made by tests/vm/run-in-vm, and by nobody else.
#define REQUIRE_OWN_MACHINE()                                                                                 \
  if (std::getenv("FRACAS_VM") == nullptr || !std::filesystem::exists("/run/vm/session") || !can_run_agent()) \
  FRACAS_SKIP("sets the machine's clock: only in a virtual machine, by ./dev test --vm")

namespace {

double read_ms(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// How far REALTIME has moved, in ms, from where it was beside the clock that nobody can set.
class Reference {
 public:
  double shift() const { return apart() - start_; }
  bool shows(double ms, double error_ms, std::chrono::milliseconds patience) const {
    return eventually(patience, [&] { return std::abs(shift() - ms) < error_ms; });
  }

 private:
  // An emulated processor may pause between two readings: the closest two count.
  static double apart() {
    double best_span = 1e9, best = 0;
    for (int reading = 0; reading < 20; ++reading) {
      const double before = read_ms(CLOCK_MONOTONIC_RAW), real = read_ms(CLOCK_REALTIME);
      const double span = read_ms(CLOCK_MONOTONIC_RAW) - before;
      if (span >= best_span) continue;
      best_span = span;
      best = real - before - span / 2;
    }
    return best;
  }
  double start_ = apart();
};

constexpr double kRightMs = 5;

class OwnMachine : public AgentFixture {
 public:
  OwnMachine() : AgentFixture(os::NetNamespace::current().value()) {
    std::ofstream(folder() / "policy.toml") << "allow_system_clock = true\n";
    start({"--policy", (folder() / "policy.toml").string()});
    start_sleeper();
    REQUIRE(eventually(20s, [&] { return state().guardian().has_value(); }));
  }
};

model::Injection ahead(const std::string& offset) {
  model::Injection injection = on_services();
  injection.mutable_clock_skew()->set_offset(offset);
  injection.mutable_clock_skew()->set_system(true);
  return injection;
}

}  // namespace

TEST_CASE("machine clock: a step is there inside the window, for everybody, and gone after it",
          "[kernel][agent][clock][vm]") {
  REQUIRE_OWN_MACHINE();
  const OwnMachine machine;
  const Reference reference;
  const std::string offset = GENERATE("1h", "-90s");
  const double ms = offset == "1h" ? 3'600'000 : -90'000;
  const std::int64_t end = machine.inject("step", ahead(offset), 3s, 10s);
  CHECK(reference.shows(ms, kRightMs, 2s));
  CHECK(machine.ledger_records() == 1);
  os::sleep_until_boot_ns(end);
  CHECK(reference.shows(0, kRightMs, 2s));
  CHECK(eventually(2s, [&] { return machine.ledger_records() == 0; }));
  const auto report = machine.client().revert("step");
  REQUIRE(report);
  CHECK(report->mechanism == "adjtimex");
  CHECK(report->counters.matched == 1);
  CHECK(report->counters.affected == 1);
}

TEST_CASE("machine clock: it is right after the lease with the agent killed, or stopped",
          "[kernel][agent][clock][vm]") {
  REQUIRE_OWN_MACHINE();
  OwnMachine machine;
  const Reference reference;
  const int signal = GENERATE(SIGKILL, SIGSTOP);
  machine.inject("step", ahead("10m"), 60s, 2s);
  REQUIRE(reference.shows(600'000, kRightMs, 2s));
  REQUIRE(machine.agent().signal(signal));
  CHECK(reference.shows(0, kRightMs, 5s));
  CHECK(eventually(2s, [&] { return machine.ledger_records() == 0; }));
  CHECK(reference.shows(0, kRightMs, 1s));
}

TEST_CASE("machine clock: with agent and guardian killed, heal puts it right", "[kernel][agent][clock][vm]") {
  REQUIRE_OWN_MACHINE();
  OwnMachine machine;
  const Reference reference;
  machine.inject("step", ahead("-30s"), 60s, 2s);
  REQUIRE(reference.shows(-30'000, kRightMs, 2s));
  ::kill(machine.state().guardian()->pid, SIGKILL);
  REQUIRE(machine.agent().signal(SIGKILL));
  REQUIRE(machine.agent().wait_for(2s));
  os::sleep_until_boot_ns(os::boot_now_ns() + 1'000'000'000);
  CHECK(std::abs(reference.shift() + 30'000) < kRightMs);
  CHECK(machine.heal().first == 0);
  CHECK(std::abs(reference.shift()) < kRightMs);
}

TEST_CASE("machine clock: a strobe shows both offsets, and the true time after it", "[kernel][agent][clock][vm]") {
  REQUIRE_OWN_MACHINE();
  const OwnMachine machine;
  const Reference reference;
  model::Injection injection = on_services();
  injection.mutable_clock_strobe()->set_first("2s");
  injection.mutable_clock_strobe()->set_second("-3s");
  *injection.mutable_clock_strobe()->mutable_period() = model::to_proto(200ms);
  injection.mutable_clock_strobe()->set_system(true);
  machine.inject("strobe", injection, 60s, 60s);
  for (int round = 0; round < 3; ++round) {
    CHECK(reference.shows(2000, kRightMs, 2s));
    CHECK(reference.shows(-3000, kRightMs, 2s));
  }
  const auto report = machine.client().revert("strobe");
  REQUIRE(report);
  CHECK(std::abs(reference.shift()) < kRightMs);
  CHECK(report->counters.matched >= 6);
  CHECK(report->counters.affected >= 6);
}

TEST_CASE("machine clock: a drift changes its speed, and neither speed nor shift stays", "[kernel][agent][clock][vm]") {
  REQUIRE_OWN_MACHINE();
  const OwnMachine machine;
  const auto before = agent::clock::ClockAnchor::take();
  REQUIRE(before);
  const Reference reference;
  model::Injection injection = on_services();
  injection.mutable_clock_drift()->set_ppm(50'025);
  injection.mutable_clock_drift()->set_clocks(model::CLOCKS_BOTH);
  injection.mutable_clock_drift()->set_system(true);
  machine.inject("drift", injection, 60s, 60s);
  REQUIRE(eventually(2s, [&] { return reference.shift() > 20; }));
  const double raw = read_ms(CLOCK_MONOTONIC_RAW), real = read_ms(CLOCK_REALTIME);
  os::sleep_until_boot_ns(os::boot_now_ns() + 2'000'000'000);
  const double speed = (read_ms(CLOCK_REALTIME) - real) / (read_ms(CLOCK_MONOTONIC_RAW) - raw);
  CHECK(std::abs(speed - 1.050025) < 0.001);
  const auto report = machine.client().revert("drift");
  REQUIRE(report);
  CHECK(report->counters.affected == 1);
  CHECK(std::abs(reference.shift()) < kRightMs);
  const auto after = agent::clock::ClockAnchor::take();
  REQUIRE(after);
  CHECK(after->tick_us == before->tick_us);
  CHECK(after->frequency == before->frequency);
}

TEST_CASE("machine clock: one fault at a time has it", "[kernel][agent][clock][vm]") {
  REQUIRE_OWN_MACHINE();
  const OwnMachine machine;
  machine.inject("first", ahead("1h"), 60s, 60s);
  const auto second = machine.client().prepare("second", ahead("2h"), 60s);
  REQUIRE_FALSE(second);
  CHECK(second.error().message.find("under another fault") != std::string::npos);
  REQUIRE(machine.client().revert("first"));
  CHECK(machine.client().prepare("second", ahead("2h"), 60s));
}

TEST_CASE("machine clock: it is refused without the policy's word, and where others share it",
          "[kernel][agent][clock]") {
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and namespaces");
  const bool allowed = GENERATE(false, true);
  AgentFixture fixture;
  std::ofstream(fixture.folder() / "policy.toml") << "allow_system_clock = " << (allowed ? "true" : "false") << "\n";
  fixture.start({"--policy", (fixture.folder() / "policy.toml").string()});
  fixture.start_sleeper();
  const auto refused = fixture.client().prepare("step", ahead("1h"), 60s);
  REQUIRE_FALSE(refused);
  CAPTURE(refused.error().message);
  CHECK(refused.error().message.find(allowed ? "network namespace" : "allow_system_clock") != std::string::npos);
  CHECK(fixture.ledger_records() == 0);
}
