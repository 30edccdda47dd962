// Whatever happens, and in whatever order: what must never be.
#include <fmt/format.h>

#include <map>

#include "controller/gameday/approval.h"
#include "controller/gameday/scheduler.h"
#include "lib/base/random.h"
#include "tests/catch/catch.h"
#include "tests/unit/gameday/sample_plan.h"

using namespace fracas::controller::gameday;
using fracas::controller::Role;
using namespace fracas::tests;
using namespace std::chrono;
using fracas::RandomStream;

namespace {

template <typename T>
const T& pick(RandomStream& random, const std::vector<T>& values) {
  return values[static_cast<std::size_t>(random.below(values.size()))];
}

const std::vector<std::string> kNames{"a", "b", "c"};
const std::vector<Person> kPeople{{"olga", Role::operating}, {"ann", Role::approver}, {"adam", Role::admin}};

Plan random_plan(RandomStream& random, const std::string& name) {
  std::string more = random.chance(0.3) ? "blind = true\n" : "";
  more += "[schedule]\n";
  if (random.chance(0.7)) more += fmt::format("cron = \"*/{} * * * *\"\n", 10 + random.below(40));
  more += fmt::format("missed = \"{}\"\nconcurrency = \"{}\"\ngrace = \"{}m\"\n",
                      pick(random, std::vector<std::string>{"skip", "run-late"}),
                      pick(random, std::vector<std::string>{"forbid", "queue", "replace"}), 1 + random.below(30));
  more += fmt::format("[approval]\ncount = {}\nhold = \"{}m\"\n", random.below(3), 5 + random.below(90));
  if (random.chance(0.5)) more += "[[window]]\nfrom = \"12:00\"\nto = \"18:00\"\n";
  return sample_plan(name, more);
}

// Plays the shell that does what the scheduler wants, late and with anything in between.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed, "gamedays") {}

  void step() {
    now_ += milliseconds(random_.below(random_.chance(0.1) ? 3'600'000 : 30'000));
    const Event event = next_event();
    const auto before = states();
    const Output output = scheduler_.step(now_, event);
    if (output.refusal) {
      CHECK(output.actions.empty());
      CHECK(before == states());
    }
    for (const Action& action : output.actions) std::visit([&](const auto& each) { check(each); }, action);
    check_days(before, output);
  }

  std::size_t started = 0;
  std::size_t ended = 0;

 private:
  struct Shell {
    bool asked = false;     // guards to be answered
    bool starting = false;  // a run to be begun
    std::string run;        // what runs
  };

  std::map<std::string, DayState> states() const {
    std::map<std::string, DayState> all;
    for (const auto& [name, day] : scheduler_.days()) all[name] = day.current.state;
    return all;
  }

  Event next_event() {
    const std::string& name = pick(random_, kNames);
    const Person& person = pick(random_, kPeople);
    Shell& shell = shells_[name];
    switch (random_.below(14)) {
      case 0:
        return random_.chance(0.2) ? Event(Submitted{random_plan(random_, name), "text", person}) : Event(Tick{});
      case 1:
      case 2:
        return Approved{name, person};
      case 3:
        return StartAsked{name, person};
      case 4:
        return random_.chance(0.3) ? Event(StopAsked{name, person}) : Event(Tick{});
      case 5:
        return random_.chance(0.2) ? Event(FreezeSet{random_.chance(0.4), "", person}) : Event(Tick{});
      case 6:
        return Noted{name, pick(random_, std::vector<EntryKind>{EntryKind::note, EntryKind::detected}), "seen", person};
      case 7:
        return FaultSeen{name, "net.loss"};
      case 8:
      case 9:
      case 10:
        return answer(name, shell);
      default:
        return Tick{};
    }
  }

  // What the shell has to say next of a game day; sometimes what it said long ago.
  Event answer(const std::string& name, Shell& shell) {
    if (shell.asked) {
      shell.asked = false;
      return GuardsAsked{name, random_.chance(0.1) ? std::vector<std::string>{"no"} : std::vector<std::string>{}};
    }
    if (shell.starting) {
      shell.starting = false;
      if (random_.chance(0.1)) return RunRefused{name, "no lab"};
      shell.run = fmt::format("run-{}", ++runs_);
      return RunBegan{name, shell.run};
    }
    if (shell.run.empty()) return RunEnded{name, "run-0", "pass", true, ""};
    if (random_.chance(0.1)) return GuardFailed{name, shell.run, "no"};
    const std::string run = std::exchange(shell.run, "");
    const bool good = random_.chance(0.8);
    ++ended;
    return RunEnded{name, run, good ? "pass" : "violated", good, ""};
  }

  void check(const AskGuards& asked) {
    const Day& day = scheduler_.days().at(asked.day);
    if (!day.running()) return;  // one that replaces it was due in the same moment
    CHECK(shells_[asked.day].run.empty());
    CHECK_FALSE(shells_[asked.day].starting);
    shells_[asked.day].asked = true;
  }

  void check(const StartRun& start) {
    Shell& shell = shells_[start.day];
    CHECK_FALSE(scheduler_.frozen());
    CHECK_FALSE(shell.asked);
    CHECK_FALSE(shell.starting);
    CHECK(shell.run.empty());
    shell.starting = true;
  }

  void check(const StopRun& stop) { CHECK(shells_[stop.day].run == stop.run); }
  void check(const Audit& audit) { CHECK_FALSE(audit.who.empty()); }
  void check(const Announce& announce) { CHECK_FALSE(announce.text.empty()); }

  void check_days(const std::map<std::string, DayState>& before, const Output& output) {
    int running = 0;
    for (const auto& [name, day] : scheduler_.days()) {
      if (day.running()) ++running;
      const auto was = before.find(name);
      if (was != before.end() && was->second == day.current.state) continue;
      CHECK(output.changed.contains(name));
      if (!day.running()) continue;
      ++started;
      CHECK(enough_approvals(day, now_));
      CHECK_FALSE(scheduler_.frozen());
      CHECK(day.plan.calendar.allows(floor<seconds>(now_)));
    }
    CHECK(running <= 1);
    for (const auto& [name, day] : scheduler_.days())
      if (day.current.over()) CHECK(shells_[name].run.empty());
  }

  RandomStream random_;
  Scheduler scheduler_;
  Instant now_ = sys_days(year(2026) / 11 / 21) + hours(9);
  std::map<std::string, Shell> shells_;
  int runs_ = 0;
};

}  // namespace

TEST_CASE("scheduler: in any order of events one game day runs at most, and only what may start does",
          "[unit][gameday]") {
  std::size_t started = 0;
  std::size_t ended = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    World world(seed);
    for (int i = 0; i < 600; ++i) world.step();
    started += world.started;
    ended += world.ended;
  }
  CHECK(started > 150);
  CHECK(ended > 100);
}
