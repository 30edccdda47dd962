#include "controller/gameday/day_json.h"

#include "controller/gameday/scheduler.h"
#include "tests/catch/catch.h"
#include "tests/unit/gameday/sample_plan.h"

using namespace fracas::controller::gameday;
using fracas::controller::Role;
using namespace fracas::tests;
using namespace std::chrono;

namespace {

const Instant kNoon = sys_days(year(2026) / 11 / 21) + hours(12);
const std::string kText =
    "name = \"day\"\nblind = true\n[schedule]\ncron = \"0 13 * * *\"\nconcurrency = \"queue\"\n"
    "[[experiment]]\nfile = \"first.toml\"\n[[experiment]]\nfile = \"canary.toml\"\n";

// A day that ran once, runs again, and has all that a day can have.
Day eventful_day() {
  Scheduler scheduler;
  Instant now = kNoon;
  const Person olga{"olga", Role::operating};
  const Person ann{"ann", Role::approver};
  const auto tell = [&](const Event& event) { scheduler.step(now += seconds(1), event); };
  tell(Submitted{*read_sample(kText), kText, olga});
  tell(Approved{"day", ann});
  tell(StartAsked{"day", olga});
  tell(GuardsAsked{"day", {"the guard said \xff no"}});
  tell(StartAsked{"day", olga});
  tell(GuardsAsked{"day", {}});
  tell(RunBegan{"day", "r1"});
  tell(FaultSeen{"day", "net.loss"});
  tell(Noted{"day", EntryKind::detected, "latency", ann});
  tell(Noted{"day", EntryKind::mitigated, "", ann});
  return scheduler.days().at("day");
}

}  // namespace

TEST_CASE("day: what the store keeps is what there was", "[unit][gameday]") {
  const Day day = eventful_day();
  const std::string text = day_to_json(day);
  const auto read = day_from_json(text, floor<seconds>(kNoon));
  if (!read) FAIL(read.error().message);
  CHECK(day_to_json(*read) == text);
  CHECK(read->plan.fingerprint == day.plan.fingerprint);
  CHECK(read->plan.experiments[1].violation_expected);
  CHECK(read->plan.length() == day.plan.length());
  CHECK(read->current.detect_seconds() == 1.0);
  CHECK(read->current.mitigate_seconds() == 2.0);
  CHECK(read->current.runs[0].run == "r1");
  CHECK(read->current.timeline.size() == day.current.timeline.size());
  CHECK(read->past.size() == 1);
  CHECK(read->next == day.next);
}

TEST_CASE("day: a scheduler goes on from what the store kept", "[unit][gameday]") {
  Days days;
  days.emplace("day", *day_from_json(day_to_json(eventful_day()), floor<seconds>(kNoon)));
  Scheduler scheduler(std::move(days));
  scheduler.step(kNoon + minutes(10), Restored{});
  CHECK(scheduler.days().at("day").current.state == DayState::stopped);
  scheduler.step(kNoon + hours(1), Tick{});
  CHECK(scheduler.days().at("day").running());
}

TEST_CASE("day: what is no game day is refused", "[unit][gameday]") {
  std::string text = day_to_json(eventful_day());
  CHECK_FALSE(day_from_json("", {}).has_value());
  CHECK_FALSE(day_from_json("{}", {}).has_value());
  CHECK_FALSE(day_from_json("[1,2]", {}).has_value());
  text.replace(text.find("\"running\""), 9, "\"jogging\"");
  CHECK(day_from_json(text, {}).error().message.find("unknown word \"jogging\"") != std::string::npos);
}
