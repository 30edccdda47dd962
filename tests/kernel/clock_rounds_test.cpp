// Clocks are patched and processes frozen again and again by the real agent, under victims that read their clocks in
// several threads without a pause. FRACAS_CLOCK_ROUNDS asks for more rounds than a test run has time for.
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "lib/model/agent.pb.h"
#include "tests/kernel/agent_fixture.h"
#include "tests/kernel/clock_fixture.h"

using namespace fracas;
using namespace fracas::test;

namespace {

int rounds() {
  const char* wanted = std::getenv("FRACAS_CLOCK_ROUNDS");
  return wanted == nullptr ? 5 : std::atoi(wanted);
}

// What a victim counted since the line before.
struct Line {
  double readings = 0, shifted = 0, wrong = 0, back = 0;
};

// A service that judges its own clock; see tests/kernel/victims/clock_judge.c.
class Judge {
 public:
  Judge(const AgentFixture& fixture, std::vector<std::string> argv)
      : cgroup_(start(fixture, std::move(argv))), log_(fixture.folder() / "judge.log") {
    REQUIRE(eventually(60s, [this] { return sum().readings > 0; }));
  }

  std::vector<Line> lines_from(std::size_t offset) const {
    std::vector<Line> lines;
    std::istringstream text(read().substr(std::min(offset, read().size())));
    for (std::string line; std::getline(text, line);) {
      std::istringstream numbers(line);
      Line counted;
      if (numbers >> counted.readings >> counted.shifted >> counted.wrong >> counted.back) lines.push_back(counted);
    }
    return lines;
  }
  std::size_t now() const { return read().size(); }

  // It has read its shifted clock since then.
  bool was_shifted(std::size_t since) const {
    return eventually(60s, [this, since] {
      const auto lines = lines_from(since);
      return std::any_of(lines.begin(), lines.end(), [](const Line& line) { return line.shifted > 0; });
    });
  }

  // From now on every reading is right; waits for some. The first line may tell of what was before.
  void check_right() const {
    const std::size_t since = now();
    REQUIRE(eventually(60s, [this, since] {
      const auto lines = lines_from(since);
      double readings = 0;
      for (std::size_t i = 2; i < lines.size(); ++i) readings += lines[i].readings;
      return readings > 0;
    }));
    const auto lines = lines_from(since);
    for (std::size_t i = 2; i < lines.size(); ++i) {
      REQUIRE(lines[i].shifted == 0);
      REQUIRE(lines[i].wrong == 0);
    }
  }

  // Of its whole life.
  Line sum() const {
    Line sum;
    for (const Line& line : lines_from(0)) {
      sum.readings += line.readings;
      sum.shifted += line.shifted;
      sum.wrong += line.wrong;
      sum.back += line.back;
    }
    return sum;
  }
  pid_t pid() const { return pid_; }
  bool alive() const { return ::kill(pid_, 0) == 0; }
  bool frozen() const { return cgroup_.frozen(); }
  std::string read() const { return os::read_file(log_).value_or(""); }

 private:
  os::Cgroup start(const AgentFixture& fixture, std::vector<std::string> argv) {
    auto pid = fixture.client().start_service({.name = "judge",
                                               .argv = std::move(argv),
                                               .working_directory = fixture.folder().string(),
                                               .output = (fixture.folder() / "judge.log").string()});
    INFO((pid ? "" : pid.error().message) << "\n" << fixture.log());
    REQUIRE(pid);
    pid_ = *pid;
    return fixture.service_cgroup("judge");
  }

  pid_t pid_ = 0;
  os::Cgroup cgroup_;
  std::filesystem::path log_;
};

model::Injection skewing(int round) {
  auto injection = on_services({"judge"});
  injection.mutable_clock_skew()->set_offset(round % 2 == 0 ? "60s" : "-90s");
  return injection;
}

// On a busy machine a thread may not get to run for seconds, and the agent says so: then it is tried again.
void revert(const AgentFixture& fixture, const std::string& id) {
  std::string refusal;
  const bool reverted = eventually(120s, [&] {
    const auto report = fixture.client().revert(id);
    if (!report) refusal = report.error().message;
    return report.has_value();
  });
  INFO(id << ": " << refusal << "\n" << fixture.log());
  REQUIRE(reverted);
}

// Patched, shifted, frozen in the middle of it, thawed and restored; every other time restored first, thawed then.
void attack(const AgentFixture& fixture, const Judge& judge, int round) {
  const std::size_t since = judge.now();
  fixture.inject("skew", skewing(round), 10min, 2min);
  REQUIRE(judge.was_shifted(since));
  fixture.inject("pause", pausing({"judge"}), 10min, 2min);
  REQUIRE(eventually(60s, [&judge] { return judge.frozen(); }));
  revert(fixture, "pause");
  REQUIRE_FALSE(judge.frozen());
  revert(fixture, "skew");
  REQUIRE(clock_is_pristine(judge.pid()));
}

void play(std::vector<std::string> argv, const std::string& what) {
  AgentFixture fixture;
  fixture.start();
  const Judge judge(fixture, std::move(argv));
  for (int round = 0; round < rounds(); ++round) {
    INFO("round " << round << "\n"
                  << judge.read().substr(judge.read().size() - std::min<std::size_t>(300, judge.read().size())));
    attack(fixture, judge, round);
    REQUIRE(judge.alive());
    judge.check_right();
  }
  const Line sum = judge.sum();
  CHECK(sum.wrong == 0);
  CHECK(sum.back == 0);
  std::printf("%s: %d rounds, %.0f readings, %.0f of them shifted, %.0f wrong, %.0f steps back\n", what.c_str(),
              rounds(), sum.readings, sum.shifted, sum.wrong, sum.back);
}

// Builds it with a tool of the machine, in a folder of its own.
struct Workshop {
  Workshop() {
    std::string name = (std::filesystem::temp_directory_path() / "fracas-judge-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
  }
  ~Workshop() { std::filesystem::remove_all(folder); }
  void run(const std::string& command) const { REQUIRE(std::system(command.c_str()) == 0); }
  std::filesystem::path folder;
};

}  // namespace

#define REQUIRE_ROUNDS()                                  \
  if (!can_run_agent() || !can_patch_clocks())            \
  FRACAS_SKIP(                                            \
      "needs root, cgroup2, namespaces and the victims' " \
      "programs")

TEST_CASE("clock rounds: a C program of four threads", "[kernel][agent][clock][slow]") {
  REQUIRE_ROUNDS();
  play({clock_victim("clock_judge")}, "C");
}

TEST_CASE("clock rounds: a Go program of four threads", "[kernel][agent][clock][slow]") {
  REQUIRE_ROUNDS();
  if (!has_program("go")) FRACAS_SKIP("there is no go");
  const Workshop workshop;
  const auto program = workshop.folder / "judge";
  workshop.run("GOFLAGS=-mod=mod GO111MODULE=off GOCACHE=" + workshop.folder.string() + "/cache go build -o " +
               program.string() + " " + clock_source("clock_judge.go"));
  play({program.string()}, "Go");
}

TEST_CASE("clock rounds: a Java program of four threads", "[kernel][agent][clock][slow]") {
  REQUIRE_ROUNDS();
  if (!has_program("javac")) FRACAS_SKIP("there is no javac");
  const Workshop workshop;
  workshop.run("javac -d " + workshop.folder.string() + " " + clock_source("ClockJudge.java"));
  play({"/usr/bin/env", "java", "-Xmx64m", "-cp", workshop.folder.string(), "ClockJudge"}, "Java");
}

TEST_CASE("clock rounds: a Python program of three threads", "[kernel][agent][clock][slow]") {
  REQUIRE_ROUNDS();
  if (!has_program("python3")) FRACAS_SKIP("there is no python3");
  play({"/usr/bin/env", "python3", clock_source("clock_judge.py")}, "Python");
}

TEST_CASE("clock rounds: a Node program of three threads", "[kernel][agent][clock][slow]") {
  REQUIRE_ROUNDS();
  if (!has_program("node")) FRACAS_SKIP("there is no node");
  play({"/usr/bin/env", "node", clock_source("clock_judge.js")}, "Node");
}
