// New processes and programs of a victim with a shifted clock, and deadlines it takes from that clock.
#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>

#include "agent/clock/deadline.h"
#include "agent/clock/track.h"
#include "tests/kernel/agent_fixture.h"
#include "tests/kernel/clock_fixture.h"

using namespace fracas;
using namespace fracas::test;
namespace clock_of = fracas::agent::clock;

namespace {

clock_of::ProcessTracker track(const std::filesystem::path& cgroup) {
  auto tracker = clock_of::ProcessTracker::attach({cgroup});
  INFO((tracker ? "" : tracker.error().message));
  REQUIRE(tracker);
  return std::move(*tracker);
}

#define REQUIRE_TRACKER()                                                                               \
  if (!can_run_agent() || !can_patch_clocks())                                                          \
    FRACAS_SKIP("needs root, cgroup2, namespaces and the victims' programs");                           \
  if (const auto works = clock_of::ProcessTracker::attach({os::Cgroup::mount_point().value()}); !works) \
  FRACAS_SKIP(works.error().message.c_str())

// A program of tests/kernel/victims that tells of its threads, and runs `clock_watch 1` over and over, which tells of
// itself: see `Host::shows`.
std::vector<std::string> teller(const std::string& language, const std::optional<GoVictim>& go) {
  const std::string child = clock_victim("clock_watch");
  if (language == "C") return {clock_victim("clock_wall_c"), child};
  if (language == "C, static") return {clock_victim("clock_wall_static"), child};
  if (language == "C++") return {clock_victim("clock_wall"), child};
  if (language == "python3") return {"/usr/bin/env", "python3", clock_source("clock_wall.py"), child};
  if (language == "node") return {"/usr/bin/env", "node", clock_source("clock_wall.js"), child};
  if (language == "java") return {"/usr/bin/env", "java", clock_source("ClockWall.java"), child};
  return {go->program(), child};
}

// Runs `clock_watch 1` over and over, and says nothing itself.
std::vector<std::string> silent_runner() {
  return {"/bin/sh", "-c", "while :; do " + clock_victim("clock_watch") + " 1; done"};
}

// In ms. A line of a thread shows only how far the one clock has moved from the other.
struct Shift {
  double realtime = 0;
  double monotonic = 0;
};
bool is_of_child(const std::vector<double>& line) {
  return line.size() == 7;
}
bool shows(const std::vector<double>& line, const Shift& shift, double error_ms) {
  const auto near = [error_ms](double seen, double wanted) { return std::abs(seen - wanted) < error_ms; };
  if (is_of_child(line)) return near(line[0], shift.realtime) && near(line[5], shift.monotonic);
  const double apart = shift.realtime - shift.monotonic;
  return line.size() == 2 && near(line[0], apart) && near(line[1], apart);
}

class Host : public AgentFixture {
 public:
  explicit Host(const std::vector<std::string>& argv) {
    start();
    const auto pid = client().start_service(
        {.name = "victim", .argv = argv, .working_directory = "/", .output = (folder() / "victim.log").string()});
    INFO((pid ? "" : pid.error().message));
    REQUIRE(pid);
    pid_ = *pid;
    REQUIRE(eventually(20s, [&] { return !lines().empty() && state().guardian().has_value(); }));
  }

  // Every whole line the service printed.
  std::vector<std::vector<double>> lines() const {
    const std::string text = os::read_file(folder() / "victim.log").value_or("");
    std::istringstream all(text.substr(0, text.rfind('\n') + 1));
    std::vector<std::vector<double>> found;
    for (std::string line; std::getline(all, line);) {
      std::istringstream words(line);
      found.emplace_back();
      for (double number = 0; words >> number;) found.back().push_back(number);
    }
    return found;
  }
  // Whether it prints that many more lines in time.
  bool prints(std::size_t more, std::chrono::milliseconds patience) const {
    const std::size_t before = lines().size();
    return eventually(patience, [&] { return lines().size() >= before + more; });
  }
  // Whether in time the last `count` lines of children or, as asked, of the threads show the shift.
  bool shows(bool child, const Shift& shift, int count = 1) const {
    return eventually(10s, [&] {
      auto all = lines();
      std::erase_if(all, [child](const auto& line) { return is_of_child(line) != child; });
      return all.size() >= static_cast<std::size_t>(count) &&
             std::all_of(all.end() - count, all.end(), [&](const auto& line) { return ::shows(line, shift, 30); });
    });
  }
  model::EffectCounters reverted(const std::string& id) const {
    const auto report = client().revert(id);
    INFO((report ? "" : report.error().message) << "\n" << log());
    REQUIRE(report);
    return report->counters;
  }
  bool has_held() const {
    const auto all = processes("victim");
    return std::any_of(all.begin(), all.end(), clock_of::is_held);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

model::Injection skewing(const std::string& offset) {
  model::Injection injection = on_services({"victim"});
  injection.mutable_clock_skew()->set_offset(offset);
  return injection;
}

}  // namespace

TEST_CASE("process tracker: it tells of children and programs of its cgroup, and of no others",
          "[kernel][agent][clock][vm]") {
  REQUIRE_TRACKER();
  AgentFixture host;
  host.start();
  host.start_sleeper("one");
  host.start_sleeper("other");
  auto tracker = track(host.service_cgroup("one").path());
  CHECK(tracker.wait(50ms).empty());
  os::LaunchOptions launch;
  launch.argv = {"/bin/sh", "-c", "/bin/true; exec /bin/true"};
  launch.cgroup = host.service_cgroup("other").path();
  REQUIRE(os::Process::launch(launch)->wait_for(10s));
  CHECK(tracker.wait(50ms).empty());
  launch.cgroup = host.service_cgroup("one").path();
  auto process = os::Process::launch(launch);
  REQUIRE(process);
  REQUIRE(process->wait_for(10s));
  std::vector<clock_of::ProcessEvent> all;
  for (auto some = tracker.wait(200ms); !some.empty(); some = tracker.wait(200ms))
    all.insert(all.end(), some.begin(), some.end());
  const auto count = [&all, &process](bool runs, bool itself) {
    return std::count_if(all.begin(), all.end(), [&](const auto& event) {
      return event.runs == runs && (event.pid == process->pid()) == itself;
    });
  };
  CHECK(count(true, true) == 2);    // the shell, and what it became
  CHECK(count(false, false) == 1);  // its child
  CHECK(count(true, false) == 1);   // which ran a program
  CHECK(std::none_of(all.begin(), all.end(), [](const auto& event) { return event.held; }));
  CHECK(tracker.lost() == 0);
}

TEST_CASE("process tracker: it holds a program that begins inside its window while its owner is alive",
          "[kernel][agent][clock][vm]") {
  REQUIRE_TRACKER();
  AgentFixture host;
  host.start();
  host.start_sleeper();
  auto tracker = track(host.service_cgroup("sleeper").path());
  const std::int64_t now = os::boot_now_ns();
  const bool alive = GENERATE(true, false);
  tracker.hold(now, now + 60'000'000'000);
  tracker.beat(alive ? now + 60'000'000'000 : now);
  os::LaunchOptions launch;
  launch.argv = {"/bin/sh", "-c", "exit 7"};
  launch.cgroup = host.service_cgroup("sleeper").path();
  auto process = os::Process::launch(launch);
  REQUIRE(process);
  if (alive) {
    REQUIRE(eventually(5s, [&] { return clock_of::is_held(process->pid()); }));
    CHECK_FALSE(process->wait_for(100ms));
    CHECK_FALSE(clock_of::is_held(::getpid()));
    clock_of::let_go_held({process->pid()});
  }
  const auto ended = process->wait_for(5s);
  REQUIRE(ended);
  CHECK(ended->code == 7);
}

namespace {

// An emulated processor pauses for long between two readings.
constexpr double kPauseMs = 10'000;

void shift_threads_and_children(const std::vector<std::string>& argv) {
  const Host host(argv);
  host.inject("skew", skewing("1h"), 60s, 60s);
  const Shift hour{.realtime = 3'600'000};
  REQUIRE(host.shows(false, hour));
  REQUIRE(host.shows(true, hour));
  const std::size_t first = host.lines().size();
  REQUIRE(host.prints(40, 30s));
  REQUIRE(host.shows(true, hour));
  const auto lines = host.lines();
  CAPTURE(host.log());
  CHECK(std::count_if(lines.begin() + static_cast<std::ptrdiff_t>(first), lines.end(), is_of_child) > 0);
  for (std::size_t i = first; i < lines.size(); ++i) {
    CAPTURE(i - first, lines[i].front());
    CHECK(shows(lines[i], hour, kPauseMs));
  }
  CHECK(host.reverted("skew").affected > 1);
  CHECK(host.shows(false, {}));
  CHECK(host.shows(true, {}));

  model::Injection monotonic = skewing("400ms");
  monotonic.mutable_clock_skew()->set_clocks(model::CLOCKS_MONOTONIC);
  host.inject("monotonic", monotonic, 60s, 60s);
  CHECK(host.shows(false, {.monotonic = 400}));
  CHECK(host.shows(true, {.monotonic = 400}, 5));
  CHECK(host.reverted("monotonic").affected > 1);
  CHECK(host.shows(false, {}));
  CHECK(host.shows(true, {}));
  CHECK(clock_is_pristine(host.pid()));
}

}  // namespace

TEST_CASE("clock.skew: a C program, its threads, and the programs it starts before they read a clock",
          "[kernel][agent][clock][vm]") {
  REQUIRE_TRACKER();
  const std::string language = GENERATE("C", "C, static");
  CAPTURE(language);
  shift_threads_and_children(teller(language, {}));
}

TEST_CASE("clock.skew: C++, Python, Go, Java and Node programs, with threads and what they start",
          "[kernel][agent][clock]") {
  REQUIRE_TRACKER();
  const std::string language = GENERATE("C++", "python3", "go", "java", "node");
  CAPTURE(language);
  if (language != "C++" && !has_program(language)) FRACAS_SKIP(("needs " + language).c_str());
  std::optional<GoVictim> go;
  if (language == "go") go.emplace();
  shift_threads_and_children(teller(language, go));
}

TEST_CASE("clock.skew: a program that a dying agent holds goes on at once", "[kernel][agent][clock][vm]") {
  REQUIRE_TRACKER();
  Host host(silent_runner());
  host.inject("skew", skewing("1h"), 60s, 30s);
  // A stopped agent holds the next program, and cannot let it go.
  const auto stays_held = [&host] {
    if (!eventually(600ms, [&] { return host.has_held(); })) return false;
    os::sleep_until_boot_ns(os::boot_now_ns() + 200'000'000);
    return host.has_held();
  };
  bool held = false;
  for (int round = 0; round < 20 && !held; ++round) {
    REQUIRE(host.agent().signal(SIGSTOP));
    held = stays_held();
    if (held) break;
    REQUIRE(host.agent().signal(SIGCONT));
    REQUIRE(host.prints(1, 5s));
  }
  REQUIRE(held);
  REQUIRE(host.agent().signal(SIGKILL));
  CHECK(host.prints(20, 5s));
  CHECK(host.ledger_records() == 1);
}

TEST_CASE("clock.skew: a program that a stopped agent holds goes on after the lease", "[kernel][agent][clock]") {
  REQUIRE_TRACKER();
  Host host(silent_runner());
  host.inject("skew", skewing("1h"), 60s, 1s);
  REQUIRE(host.agent().signal(SIGSTOP));
  os::sleep_until_boot_ns(os::boot_now_ns() + 1'000'000'000);
  CHECK(host.prints(20, 5s));
  CHECK(std::abs(host.lines().back().front()) < 30);
  REQUIRE(host.agent().signal(SIGCONT));
  CHECK(eventually(5s, [&] { return host.ledger_records() == 0; }));
  CHECK(host.prints(20, 5s));
}

namespace {

model::Injection drifting(double ppm) {
  model::Injection injection = on_services({"victim"});
  injection.mutable_clock_drift()->set_ppm(ppm);
  return injection;
}

// Every way to wait takes `wanted_ms` while the clock is shifted; a late processor makes single waits longer.
void check_waits(const Host& host, const model::Injection& injection, double wanted_ms) {
  host.inject("clock", injection, 60s, 60s);
  // The first of these lines began before the window.
  REQUIRE(host.prints(2, 30s));
  const std::size_t first = host.lines().size();
  REQUIRE(host.prints(4, 30s));
  const auto lines = host.lines();
  for (std::size_t way = 0; way < 5; ++way) {
    CAPTURE(way);
    double shortest = 1e9;
    for (std::size_t i = first; i < lines.size(); ++i) {
      REQUIRE(lines[i].size() == 6);
      shortest = std::min(shortest, lines[i][way]);
    }
    CHECK(shortest > wanted_ms - 5);
    CHECK(shortest < wanted_ms + 80);
  }
  CHECK(lines.back()[5] == 0);
  const auto report = host.client().revert("clock");
  REQUIRE(report);
  CHECK(report->mechanism == "vdso patch, deadlines repaired");
  REQUIRE(host.prints(2, 30s));
  CHECK(host.lines().back()[0] > 195);
  CHECK(host.lines().back()[0] < 1000);
}

}  // namespace

TEST_CASE("clock deadlines: an absolute wait ends when the shifted clock shows its moment",
          "[kernel][agent][clock][vm]") {
  REQUIRE_TRACKER();
  {
    const auto tracker = track(os::Cgroup::mount_point().value());
    if (const auto works = clock_of::DeadlineRepair::attach(tracker); !works)
      FRACAS_SKIP(works.error().message.c_str());
  }
  const Host host({clock_victim("clock_waits")});
  check_waits(host, skewing("2s"), 200);
  check_waits(host, skewing("-2s"), 200);
  check_waits(host, drifting(1'000'000), 100);
  check_waits(host, drifting(-500'000), 400);
}
