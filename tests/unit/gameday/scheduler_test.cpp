#include "controller/gameday/scheduler.h"

#include <fmt/format.h>

#include <cerrno>

#include "tests/catch/catch.h"
#include "tests/unit/gameday/sample_plan.h"

using namespace fracas::controller::gameday;
using fracas::controller::Role;
using namespace fracas::tests;
using namespace std::chrono;

namespace {

const Person kOlga{"olga", Role::operating};
const Person kAnn{"ann", Role::approver};
const Person kErin{"erin", Role::viewer};

// Noon of a Saturday; daily plans start at 13:00 UTC.
const Instant kNoon = sys_days(year(2026) / 11 / 21) + hours(12);
const std::string kDaily = "[schedule]\ncron = \"0 13 * * *\"\n";
const std::string kFree = "[approval]\ncount = 0\n";

std::string text_of_action(const Action& action) {
  if (const auto* asked = std::get_if<AskGuards>(&action)) return "guards " + asked->day;
  if (const auto* start = std::get_if<StartRun>(&action)) return fmt::format("run {} {}", start->day, start->step);
  if (const auto* stop = std::get_if<StopRun>(&action)) return fmt::format("stop {} {}", stop->day, stop->run);
  return "";
}

// A scheduler and its clock.
class Room {
 public:
  // What is to be done, but for the audit log and announcements.
  std::string tell(const Event& event) {
    last_ = scheduler_.step(now_, event);
    std::string done;
    for (const Action& action : last_.actions)
      if (const std::string text = text_of_action(action); !text.empty()) done += (done.empty() ? "" : ", ") + text;
    return done;
  }
  int refusal() const { return last_.refusal ? last_.refusal->code : 0; }
  std::string audit() const {
    std::string all;
    for (const Action& action : last_.actions)
      if (const auto* entry = std::get_if<Audit>(&action)) all += fmt::format("{} {}; ", entry->who, entry->action);
    return all;
  }
  std::string at(Instant now) {
    now_ = now;
    return tell(Tick{});
  }
  void submit(const std::string& name, const std::string& more, const Person& by = kOlga) {
    tell(Submitted{sample_plan(name, more), "the text", by});
  }
  // Plays a run from the guards to its end.
  std::string run(const std::string& day, const std::string& id, const std::string& verdict, bool as_expected = true) {
    tell(GuardsAsked{day, {}});
    tell(RunBegan{day, id});
    return tell(RunEnded{day, id, verdict, as_expected, "headline"});
  }
  const Day& day(const std::string& name) const { return scheduler_.days().at(name); }
  DayState state(const std::string& name) const { return day(name).current.state; }
  std::string last_entry(const std::string& name) const {
    const TimelineEntry& entry = day(name).current.timeline.back();
    return fmt::format("{} {}: {}", text_of(entry.kind), entry.who, entry.text);
  }
  Instant now() const { return now_; }
  Scheduler& scheduler() { return scheduler_; }

 private:
  Scheduler scheduler_;
  Instant now_ = kNoon;
  Output last_;
};

}  // namespace

TEST_CASE("scheduler: an approved plan starts at its time and runs its experiments in order", "[unit][gameday]") {
  Room room;
  room.submit("daily", kDaily);
  CHECK(room.state("daily") == DayState::planned);
  CHECK(room.day("daily").next == sys_days(year(2026) / 11 / 21) + hours(13));
  room.tell(Approved{"daily", kAnn});
  CHECK(room.state("daily") == DayState::approved);
  CHECK(room.audit() == "ann gameday.approve; ");
  CHECK(room.at(kNoon + hours(1) - milliseconds(1)).empty());
  CHECK(room.at(kNoon + hours(1)) == "guards daily");
  CHECK(room.state("daily") == DayState::running);
  CHECK(room.tell(GuardsAsked{"daily", {}}) == "run daily 0");
  room.tell(RunBegan{"daily", "r1"});
  CHECK(room.tell(RunEnded{"daily", "r1", "pass", true, ""}) == "guards daily");
  CHECK(room.tell(GuardsAsked{"daily", {}}) == "run daily 1");
  room.tell(RunBegan{"daily", "r2"});
  CHECK(room.tell(RunEnded{"daily", "r2", "pass", true, ""}).empty());
  CHECK(room.state("daily") == DayState::done);
  CHECK(room.day("daily").current.runs[1].run == "r2");
  CHECK(room.day("daily").next == sys_days(year(2026) / 11 / 22) + hours(13));
  CHECK(room.at(kNoon + hours(2)).empty());
}

TEST_CASE("scheduler: a start comes once, however often time is told", "[unit][gameday]") {
  Room room;
  room.submit("daily", kDaily + kFree);
  CHECK(room.at(kNoon + hours(1)) == "guards daily");
  CHECK(room.at(kNoon + hours(1)).empty());
  CHECK(room.at(kNoon + minutes(30)).empty());  // a clock that was set back
  room.run("daily", "r1", "pass");
  room.run("daily", "r2", "pass");
  CHECK(room.state("daily") == DayState::done);
  CHECK(room.at(kNoon + hours(1) + seconds(1)).empty());
}

TEST_CASE("scheduler: whoever is not asked, or asks themselves, cannot approve", "[unit][gameday]") {
  Room room;
  room.submit("day", "[approval]\nfrom = [\"role:approver\", \"erin\"]\ncount = 2\n", kAnn);
  room.tell(Approved{"day", kOlga});
  CHECK(room.refusal() == EPERM);
  room.tell(Approved{"day", kAnn});
  CHECK(room.refusal() == EPERM);
  room.tell(Approved{"nobody", kAnn});
  CHECK(room.refusal() == ENOENT);
  room.tell(Approved{"day", kErin});
  CHECK(room.refusal() == 0);
  room.tell(Approved{"day", kErin});  // the same person counts once
  CHECK(room.state("day") == DayState::planned);
  room.tell(Approved{"day", Person{"adam", Role::admin}});
  CHECK(room.state("day") == DayState::approved);
}

TEST_CASE("scheduler: a plan may let its author approve it", "[unit][gameday]") {
  Room room;
  room.submit("day", "[approval]\nown = true\n", kAnn);
  room.tell(Approved{"day", kAnn});
  CHECK(room.state("day") == DayState::approved);
}

TEST_CASE("scheduler: an approval ends with its time and with a change of the plan", "[unit][gameday]") {
  Room room;
  room.submit("day", "[approval]\nhold = \"2h\"\n");
  room.tell(Approved{"day", kAnn});
  room.at(kNoon + hours(2) - seconds(1));
  CHECK(room.state("day") == DayState::approved);
  room.at(kNoon + hours(2));
  CHECK(room.state("day") == DayState::planned);
  room.tell(Approved{"day", kAnn});
  room.submit("day", "[approval]\nhold = \"2h\"\n");
  CHECK(room.state("day") == DayState::approved);
  room.submit("day", "[approval]\nhold = \"3h\"\n");
  CHECK(room.state("day") == DayState::planned);
  room.tell(StartAsked{"day", kOlga});
  CHECK(room.refusal() == EEXIST);
}

TEST_CASE("scheduler: submitting somebody's plan unchanged makes nobody else its author", "[unit][gameday]") {
  Room room;
  room.submit("day", "", kAnn);
  room.submit("day", "", kOlga);
  room.tell(Approved{"day", kAnn});
  CHECK(room.refusal() == EPERM);
}

TEST_CASE("scheduler: without approval a start is left out, or waits within the grace", "[unit][gameday]") {
  Room room;
  room.submit("skip", kDaily);
  room.submit("late", kDaily + "missed = \"run-late\"\ngrace = \"30m\"\n");
  room.at(kNoon + hours(1));
  CHECK(room.state("skip") == DayState::planned);  // a minute late is punctual
  room.at(kNoon + hours(1) + seconds(61));
  CHECK(room.state("skip") == DayState::missed);
  CHECK(room.last_entry("skip") == "stopped fracas: missed: 0 of 1 approvals; role:approver may give them");
  CHECK(room.state("late") == DayState::planned);
  room.at(kNoon + hours(1) + minutes(30));
  room.tell(Approved{"late", kAnn});
  CHECK(room.at(kNoon + hours(1) + minutes(30)) == "guards late");
  room.tell(Approved{"skip", kAnn});
  CHECK(room.state("skip") == DayState::approved);
  CHECK(room.day("skip").past.size() == 1);
}

TEST_CASE("scheduler: what waits longer than its grace is missed", "[unit][gameday]") {
  Room room;
  room.submit("late", kDaily + "missed = \"run-late\"\ngrace = \"30m\"\n");
  room.at(kNoon + hours(1));
  room.at(kNoon + hours(1) + minutes(30) + seconds(1));
  CHECK(room.state("late") == DayState::missed);
  CHECK(room.audit() == "fracas gameday.miss; ");
}

TEST_CASE("scheduler: starts that passed while the controller was away are missed, or the last one runs late",
          "[unit][gameday]") {
  Room room;
  room.submit("skip", kDaily + kFree);
  room.submit("late", kDaily + "missed = \"run-late\"\n" + kFree);
  const Instant fourth = kNoon + hours(1) + days(3);
  Room later;
  later.scheduler() = Scheduler(room.scheduler().days());
  CHECK(later.at(fourth + minutes(59)) == "guards late");
  CHECK(later.state("skip") == DayState::missed);
  CHECK(later.last_entry("skip") == "stopped fracas: missed: nobody was there at its time");
  CHECK(later.day("skip").next == floor<seconds>(fourth + days(1)));
  Room too_late;
  too_late.scheduler() = Scheduler(room.scheduler().days());
  CHECK(too_late.at(fourth + minutes(61)).empty());
  CHECK(too_late.state("late") == DayState::missed);
}

TEST_CASE("scheduler: a freeze blocks every start and the next experiment, until it is lifted", "[unit][gameday]") {
  Room room;
  room.submit("daily", kDaily + "missed = \"run-late\"\n" + kFree);
  room.submit("hand", kFree);
  room.tell(FreezeSet{true, "release week", kOlga});
  room.tell(StartAsked{"hand", kOlga});
  CHECK(room.refusal() == ECANCELED);
  CHECK(room.at(kNoon + hours(1)).empty());
  room.tell(FreezeSet{false, "", kAnn});
  CHECK(room.at(kNoon + hours(1) + minutes(5)) == "guards daily");
  room.tell(GuardsAsked{"daily", {}});
  room.tell(RunBegan{"daily", "r1"});
  room.tell(FreezeSet{true, "an incident", kOlga});
  CHECK(room.state("daily") == DayState::running);  // what runs is not stopped by a freeze
  room.tell(RunEnded{"daily", "r1", "pass", true, ""});
  CHECK(room.tell(GuardsAsked{"daily", {}}).empty());
  CHECK(room.state("daily") == DayState::stopped);
  CHECK(room.last_entry("daily") == "stopped fracas: starts are frozen by olga: an incident");
}

TEST_CASE("scheduler: windows and blackout dates bind starts by hand and late ones, too", "[unit][gameday]") {
  Room room;
  room.submit("day", "[[window]]\nfrom = \"13:00\"\nto = \"13:10\"\n" + kFree);
  room.tell(StartAsked{"day", kOlga});
  CHECK(room.refusal() == EEXIST);
  room.at(kNoon + hours(1));
  CHECK(room.tell(StartAsked{"day", kOlga}) == "guards day");
  Room late;
  late.submit("day", kDaily + "missed = \"run-late\"\n[[window]]\nfrom = \"13:00\"\nto = \"13:10\"\n" + kFree);
  CHECK(late.at(kNoon + hours(1) + minutes(10)).empty());
  late.at(kNoon + hours(2) + seconds(1));
  CHECK(late.state("day") == DayState::missed);
  CHECK(late.last_entry("day").find("outside the windows") != std::string::npos);
}

TEST_CASE("scheduler: of two game days at once the second is left out, waits, or stops the first", "[unit][gameday]") {
  for (const std::string policy : {"forbid", "queue", "replace"}) {
    Room room;
    room.submit("a", kFree);
    room.submit("b", kDaily + "concurrency = \"" + policy + "\"\n" + kFree);
    CHECK(room.tell(StartAsked{"a", kOlga}) == "guards a");
    room.tell(GuardsAsked{"a", {}});
    room.tell(RunBegan{"a", "r1"});
    CHECK(room.at(kNoon + hours(1)) == (policy == "replace" ? "stop a r1" : ""));
    CHECK(room.state("b") == (policy == "forbid" ? DayState::missed : DayState::approved));
    CHECK(room.at(kNoon + hours(1) + minutes(10)).empty());  // nobody is told twice
    room.tell(RunEnded{"a", "r1", policy == "replace" ? "aborted" : "pass", policy != "replace", ""});
    if (policy == "queue") room.run("a", "r2", "pass");
    CHECK(room.state("a") == (policy == "replace" ? DayState::stopped
                              : policy == "queue" ? DayState::done
                                                  : DayState::running));
    CHECK(room.at(kNoon + hours(1) + minutes(11)) == (policy == "forbid" ? "" : "guards b"));
  }
}

TEST_CASE("scheduler: a start by hand is refused, waits or replaces likewise", "[unit][gameday]") {
  Room room;
  room.submit("a", kFree);
  room.submit("b", kFree);
  room.submit("c", "[schedule]\nconcurrency = \"queue\"\ngrace = \"10m\"\n" + kFree);
  room.submit("d", "[schedule]\nconcurrency = \"replace\"\n" + kFree);
  room.tell(StartAsked{"a", kOlga});
  room.tell(StartAsked{"a", kOlga});
  CHECK(room.refusal() == EEXIST);
  room.tell(StartAsked{"b", kOlga});
  CHECK(room.refusal() == EEXIST);
  CHECK(room.tell(StartAsked{"c", kOlga}).empty());
  CHECK(room.refusal() == 0);
  CHECK(room.day("c").queued);
  CHECK(room.tell(StartAsked{"d", kOlga}).empty());
  CHECK(room.state("a") == DayState::stopped);  // it was asking its guards: nothing had to be ended
  CHECK(room.at(kNoon + seconds(1)) == "guards c");
  room.tell(StopAsked{"d", kOlga});
  CHECK(room.state("d") == DayState::missed);
  CHECK(room.last_entry("d") == "stopped fracas: missed: olga called it off");
}

TEST_CASE("scheduler: what queues longer than its grace is missed, and says for whom it waited", "[unit][gameday]") {
  Room room;
  room.submit("a", kFree);
  room.submit("b", kDaily + "concurrency = \"queue\"\ngrace = \"10m\"\n" + kFree);
  room.tell(StartAsked{"a", kOlga});
  room.at(kNoon + hours(1));
  room.at(kNoon + hours(1) + minutes(10));
  CHECK(room.state("b") == DayState::approved);
  room.at(kNoon + hours(1) + minutes(10) + seconds(1));
  CHECK(room.last_entry("b") == "stopped fracas: missed: a still runs");
}

TEST_CASE("scheduler: a scheduled start of what still runs is left out, and it runs on", "[unit][gameday]") {
  Room room;
  room.submit("hourly", "[schedule]\ncron = \"0 * * * *\"\n" + kFree);
  room.at(kNoon + hours(1));
  room.tell(GuardsAsked{"hourly", {}});
  CHECK(room.at(kNoon + hours(2)).empty());
  CHECK(room.state("hourly") == DayState::running);
  CHECK(room.last_entry("hourly") == "note fracas: another start is left out: hourly still runs");
  CHECK(room.day("hourly").past.empty());
}

TEST_CASE("scheduler: guards that do not hold stop it before anything is injected", "[unit][gameday]") {
  Room room;
  room.submit("day", kFree);
  room.tell(StartAsked{"day", kOlga});
  CHECK(room.tell(GuardsAsked{"day", {"checkout answered 500", "queue is full"}}).empty());
  CHECK(room.state("day") == DayState::stopped);
  CHECK(room.last_entry("day") == "stopped fracas: before first (1 of 2): checkout answered 500; queue is full");
  CHECK(room.day("day").current.runs[0].state == RunState::left_out);
}

TEST_CASE("scheduler: a run that ends otherwise than expected stops the game day, unless it may go on",
          "[unit][gameday]") {
  Room room;
  room.submit("day", kFree);
  room.tell(StartAsked{"day", kOlga});
  CHECK(room.run("day", "r1", "violated", false).empty());
  CHECK(room.state("day") == DayState::stopped);
  CHECK(room.last_entry("day") == "stopped fracas: first (1 of 2) ended violated, which was not expected");

  auto plan = read_sample("name = \"on\"\n" + kFree +
                          "[[experiment]]\nfile = \"a.toml\"\non_unexpected = \"continue\"\n"
                          "[[experiment]]\nfile = \"b.toml\"\non_unexpected = \"continue\"\n");
  room.tell(Submitted{*plan, "", kOlga});
  room.tell(StartAsked{"on", kOlga});
  CHECK(room.run("on", "r1", "violated", false) == "guards on");
  CHECK(room.run("on", "r2", "aborted", false).empty());  // somebody stopped that run
  CHECK(room.state("on") == DayState::stopped);
}

TEST_CASE("scheduler: it pauses between runs", "[unit][gameday]") {
  Room room;
  auto plan = read_sample("name = \"day\"\n" + kFree +
                          "[[experiment]]\nfile = \"a.toml\"\npause = \"30s\"\n[[experiment]]\nfile = \"b.toml\"\n");
  room.tell(Submitted{*plan, "", kOlga});
  room.tell(StartAsked{"day", kOlga});
  CHECK(room.run("day", "r1", "pass").empty());
  CHECK(room.at(kNoon + seconds(30) - milliseconds(1)).empty());
  CHECK(room.at(kNoon + seconds(30)) == "guards day");
  CHECK(room.at(kNoon + seconds(31)).empty());
}

TEST_CASE("scheduler: stop ends it wherever it is", "[unit][gameday]") {
  const auto begun = [](Room& room) {
    room.submit("day", kFree);
    room.tell(StartAsked{"day", kOlga});
  };
  Room guarding;
  begun(guarding);
  guarding.tell(StopAsked{"day", kErin});
  CHECK(guarding.state("day") == DayState::stopped);
  CHECK(guarding.audit() == "erin gameday.stop; erin gameday.stopped; ");
  CHECK(guarding.tell(GuardsAsked{"day", {}}).empty());  // the answer comes too late

  Room starting;
  begun(starting);
  starting.tell(GuardsAsked{"day", {}});
  CHECK(starting.tell(StopAsked{"day", kErin}).empty());
  CHECK(starting.tell(RunBegan{"day", "r1"}) == "stop day r1");
  starting.tell(RunEnded{"day", "r1", "aborted", false, ""});
  CHECK(starting.state("day") == DayState::stopped);

  Room refused;
  begun(refused);
  refused.tell(GuardsAsked{"day", {}});
  refused.tell(StopAsked{"day", kErin});
  refused.tell(RunRefused{"day", "no lab"});
  CHECK(refused.state("day") == DayState::stopped);

  Room running;
  begun(running);
  running.tell(GuardsAsked{"day", {}});
  running.tell(RunBegan{"day", "r1"});
  CHECK(running.tell(StopAsked{"day", kErin}) == "stop day r1");
  CHECK(running.state("day") == DayState::running);
  running.tell(RunEnded{"day", "r0", "pass", true, ""});  // of somebody else's run
  CHECK(running.state("day") == DayState::running);
  running.tell(RunEnded{"day", "r1", "pass", true, ""});  // it had just ended by itself
  CHECK(running.state("day") == DayState::stopped);
  CHECK(running.day("day").current.runs[1].state == RunState::left_out);
  running.tell(StopAsked{"day", kErin});
  CHECK(running.refusal() == EEXIST);
}

TEST_CASE("scheduler: what cannot begin stops it, and says why", "[unit][gameday]") {
  Room room;
  room.submit("day", kFree + "[[window]]\n");
  room.tell(StartAsked{"day", kOlga});
  room.tell(GuardsAsked{"day", {}});
  room.tell(RunRefused{"day", "the experiment was changed after it was approved"});
  CHECK(room.last_entry("day") ==
        "stopped fracas: first (1 of 2) could not begin: the experiment was changed after it was approved");
}

TEST_CASE("scheduler: a controller that comes back says of what ran that it was cut off", "[unit][gameday]") {
  Room room;
  room.submit("day", kFree);
  room.tell(StartAsked{"day", kOlga});
  room.tell(GuardsAsked{"day", {}});
  room.tell(RunBegan{"day", "r1"});
  Room next;
  next.scheduler() = Scheduler(room.scheduler().days());
  next.tell(Restored{});
  CHECK(next.state("day") == DayState::stopped);
  CHECK(next.last_entry("day") == "stopped fracas: the controller ended while it ran");
  CHECK(next.tell(StartAsked{"day", kOlga}) == "guards day");
}

TEST_CASE("scheduler: time to detect and to mitigate count from the first fault", "[unit][gameday]") {
  Room room;
  room.submit("day", kFree);
  room.tell(StartAsked{"day", kOlga});
  room.tell(GuardsAsked{"day", {}});
  room.tell(RunBegan{"day", "r1"});
  room.tell(Noted{"day", EntryKind::detected, "something is wrong", kErin});  // it is not, yet
  CHECK_FALSE(room.day("day").current.detect_seconds());
  room.at(kNoon + seconds(10));
  room.tell(FaultSeen{"day", "net.loss on n1"});
  room.at(kNoon + seconds(20));
  room.tell(FaultSeen{"day", "net.loss on n2"});
  room.at(kNoon + milliseconds(22'500));
  room.tell(Noted{"day", EntryKind::detected, "", kErin});
  room.at(kNoon + seconds(40));
  room.tell(Noted{"day", EntryKind::detected, "", kAnn});
  room.tell(Noted{"day", EntryKind::mitigated, "traffic moved", kAnn});
  CHECK(room.day("day").current.detect_seconds() == 12.5);
  CHECK(room.day("day").current.mitigate_seconds() == 30.0);
  CHECK(room.last_entry("day") == "mitigated ann: traffic moved");
  room.tell(Noted{"day", EntryKind::note, "", kAnn});
  CHECK(room.refusal() == EINVAL);
}

TEST_CASE("scheduler: what it announces of a blind game day names no experiment", "[unit][gameday]") {
  Room room;
  room.submit("day", "blind = true\n" + kFree);
  std::string heard;
  const auto tell = [&](const Event& event) {
    for (const Action& action : room.scheduler().step(kNoon, event).actions)
      if (const auto* said = std::get_if<Announce>(&action))
        heard += std::string(text_of(said->what)) + ": " + said->text + "\n";
  };
  tell(StartAsked{"day", kOlga});
  tell(GuardsAsked{"day", {}});
  tell(RunBegan{"day", "r1"});
  tell(FaultSeen{"day", "net.loss"});
  tell(RunEnded{"day", "r1", "pass", true, "first lost nothing"});
  tell(GuardsAsked{"day", {}});
  tell(RunRefused{"day", "no lab"});
  CHECK(heard ==
        "started: started by olga\nrun-ended: experiment 1 of 2: pass\n"
        "stopped: experiment 2 of 2 could not begin: no lab\n");
  for (const TimelineEntry& entry : room.day("day").current.timeline)
    CHECK(entry.secret == (entry.text.find("first") != std::string::npos || entry.kind == EntryKind::fault));
}

TEST_CASE("scheduler: the past is kept, bounded", "[unit][gameday]") {
  Room room;
  room.submit("day", kFree);
  for (std::size_t i = 0; i < kPastMax + 5; ++i) {
    room.tell(StartAsked{"day", kOlga});
    room.tell(GuardsAsked{"day", {fmt::format("guard {}", i)}});
  }
  CHECK(room.day("day").past.size() == kPastMax);
  CHECK(room.day("day").past.back().timeline.back().text ==
        fmt::format("before first (1 of 2): guard {}", kPastMax + 3));
}

TEST_CASE("scheduler: a guard that fails while an experiment runs ends the game day", "[unit][gameday]") {
  Room room;
  room.submit("day", kFree);
  room.tell(StartAsked{"day", kOlga});
  room.tell(GuardsAsked{"day", {}});
  CHECK(room.tell(GuardFailed{"day", "", "too early"}).empty());
  room.tell(RunBegan{"day", "r1"});
  CHECK(room.tell(GuardFailed{"day", "r0", "of an earlier run"}).empty());
  CHECK(room.tell(GuardFailed{"day", "r1", "guard checkout failed: status 503"}) == "stop day r1");
  CHECK(room.audit() == "fracas gameday.stop; ");
  CHECK(room.last_entry("day") == "stopped fracas: during first (1 of 2): guard checkout failed: status 503");
  CHECK(room.tell(GuardFailed{"day", "r1", "again"}).empty());
  CHECK(room.tell(RunEnded{"day", "r1", "aborted", false, ""}).empty());
  CHECK(room.state("day") == DayState::stopped);
}
