// New processes and programs of a victim with a shifted clock, and deadlines it takes from that clock.
#include <algorithm>
#include <cmath>
#include <cstdlib>
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

bool has_program(const std::string& name) {
  return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

// Runs `clock_watch 1` over and over, each a new program.
std::vector<std::string> runner(const std::string& language) {
  const std::string program = clock_victim("clock_watch");
  if (language == "sh") return {"/bin/sh", "-c", "while :; do " + program + " 1; done"};
  if (language == "python3")
    return {"/usr/bin/env", "python3", "-c", "import subprocess\nwhile True: subprocess.run(['" + program + "', '1'])"};
  return {"/usr/bin/env", "node", "-e",
          "const {spawnSync} = require('child_process');\n"
          "for (;;) spawnSync('" +
              program + "', ['1'], {stdio: 'inherit'});"};
}

class Host : public AgentFixture {
 public:
  explicit Host(const std::vector<std::string>& argv) {
    start();
    const auto pid = client().start_service(
        {.name = "victim", .argv = argv, .working_directory = "/", .output = (folder() / "victim.log").string()});
    INFO((pid ? "" : pid.error().message));
    REQUIRE(pid);
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
  bool has_held() const {
    const auto all = processes("victim");
    return std::any_of(all.begin(), all.end(), clock_of::is_held);
  }
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

TEST_CASE("clock.skew: no program that begins inside the window reads the true time", "[kernel][agent][clock][vm]") {
  REQUIRE_TRACKER();
  const std::string language = GENERATE("sh", "python3", "node");
  CAPTURE(language);
  if (!has_program(language)) return;
  const Host host(runner(language));
  host.inject("skew", skewing("1h"), 60s, 60s);
  REQUIRE(eventually(5s, [&] { return std::abs(host.lines().back().front() - 3'600'000) < 30; }));
  const std::size_t first = host.lines().size();
  REQUIRE(host.prints(40, 30s));
  const auto lines = host.lines();
  CAPTURE(host.log());
  for (std::size_t i = first; i < lines.size(); ++i) {
    CAPTURE(i - first);
    CHECK(std::abs(lines[i].front() - 3'600'000) < 30);
  }
  const auto report = host.client().revert("skew");
  REQUIRE(report);
  CHECK(report->counters.affected > 0);
  REQUIRE(host.prints(5, 10s));
  CHECK(std::abs(host.lines().back().front()) < 30);
}

TEST_CASE("clock.skew: a program that a dying agent holds goes on at once", "[kernel][agent][clock][vm]") {
  REQUIRE_TRACKER();
  Host host(runner("sh"));
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
  Host host(runner("sh"));
  host.inject("skew", skewing("1h"), 60s, 1s);
  REQUIRE(host.agent().signal(SIGSTOP));
  os::sleep_until_boot_ns(os::boot_now_ns() + 1'000'000'000);
  CHECK(host.prints(20, 5s));
  CHECK(std::abs(host.lines().back().front()) < 30);
  REQUIRE(host.agent().signal(SIGCONT));
  CHECK(eventually(5s, [&] { return host.ledger_records() == 0; }));
  CHECK(host.prints(20, 5s));
}

TEST_CASE("clock deadlines: an absolute wait ends when the shifted clock shows its moment",
          "[kernel][agent][clock][vm]") {
  REQUIRE_TRACKER();
  {
    const auto tracker = track(os::Cgroup::mount_point().value());
    if (const auto works = clock_of::DeadlineRepair::attach(tracker); !works)
      FRACAS_SKIP(works.error().message.c_str());
  }
  const Host host({clock_victim("clock_waits")});
  model::Injection injection = on_services({"victim"});
  double wanted_ms = 200;
  SECTION("ahead") {
    injection = skewing("2s");
  }
  SECTION("behind") {
    injection = skewing("-2s");
  }
  SECTION("too fast") {
    injection.mutable_clock_drift()->set_ppm(1'000'000);
    wanted_ms = 100;
  }
  SECTION("too slow") {
    injection.mutable_clock_drift()->set_ppm(-500'000);
    wanted_ms = 400;
  }
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
