#include "controller/gameday/plan.h"

#include "controller/gameday/describe.h"
#include "tests/catch/catch.h"
#include "tests/unit/gameday/sample_plan.h"

using namespace fracas::controller::gameday;
using namespace fracas::tests;
using namespace std::chrono;

namespace {

const std::string kExperiment = "[[experiment]]\nfile = \"first.toml\"\n";

std::string mistakes(const std::string& text) {
  const auto plan = read_sample(text);
  return plan ? "" : plan.error().message;
}

const std::string kWhole = R"(name = "friday-raft"
doc = "Does the team see a lost leader?"
blind = true
blackout = ["2026-12-20..2027-01-06"]

[vars]
nodes = 5

[schedule]
cron = "0 14 * * fri"
zone = "Europe/Berlin"
missed = "run-late"
grace = "2h"
concurrency = "queue"

[[window]]
days = ["mon-fri"]
from = "10:00"
to = "16:00"

[approval]
from = ["role:approver", "erin"]
count = 2
hold = "48h"

[[experiment]]
file = "first.toml"
set = ["world.nodes=${nodes}", "seed=7"]
pause = "30s"

[[experiment]]
file = "canary/second.toml"
on_unexpected = "continue"
)";

}  // namespace

TEST_CASE("plan: everything that is written is read", "[unit][gameday]") {
  const auto plan = read_sample(kWhole);
  if (!plan) FAIL(plan.error().message);
  CHECK(plan->name == "friday-raft");
  CHECK(plan->blind);
  CHECK(plan->missed == MissedStart::run_late);
  CHECK(plan->grace == hours(2));
  CHECK(plan->concurrency == Concurrency::queue);
  CHECK(plan->approval.from == std::vector<std::string>{"role:approver", "erin"});
  CHECK(plan->approval.count == 2);
  CHECK(plan->approval.hold == hours(48));
  CHECK_FALSE(plan->approval.own);
  REQUIRE(plan->experiments.size() == 2);
  CHECK(plan->experiments[0].overrides == std::vector<std::string>{"world.nodes=5", "seed=7"});
  CHECK(plan->experiments[0].stop_on_unexpected);
  CHECK(plan->experiments[1].violation_expected);
  CHECK_FALSE(plan->experiments[1].stop_on_unexpected);
  CHECK(plan->length() == seconds(50));
}

TEST_CASE("plan: the least of one needs one approver and starts by hand", "[unit][gameday]") {
  const auto plan = read_sample("name = \"least\"\n" + kExperiment);
  if (!plan) FAIL(plan.error().message);
  CHECK_FALSE(plan->calendar.cron);
  CHECK(plan->approval.count == 1);
  CHECK(plan->approval.from == std::vector<std::string>{"role:approver"});
  CHECK(plan->missed == MissedStart::skip);
  CHECK(plan->concurrency == Concurrency::forbid);
}

TEST_CASE("plan: its fingerprint follows what is approved, and nothing else", "[unit][gameday]") {
  const std::string text = read_sample(kWhole)->fingerprint;
  CHECK(text.size() == 64);
  CHECK(read_sample("# a comment\n" + kWhole)->fingerprint == text);
  CHECK(read_sample(kWhole + "set = [\"seed=8\"]\n")->fingerprint != text);
  std::string later = kWhole;
  later.replace(later.find("14 *"), 2, "15");
  CHECK(read_sample(later)->fingerprint != text);
  const auto changed = read_plan(
      kWhole, "day.toml",
      [](const std::string& file, const std::vector<std::string>& overrides) {
        auto known = sample_library()(file, overrides);
        known->toml += "\nduration_max = \"9m\"";
        return known;
      },
      sys_days(year(2026) / 11 / 21));
  CHECK(changed->fingerprint != text);
}

TEST_CASE("plan: each mistake has its line, column and remedy", "[unit][gameday]") {
  const std::string name = "name = \"x\"\n";
  CHECK(mistakes(name) == "day.toml:1:1: missing key \"experiment\"");
  CHECK(mistakes("experiment = []\n" + name) == "day.toml:1:14: a game day has at least one experiment");
  CHECK(mistakes(name + "blnd = true\n" + kExperiment).find("day.toml:2:1: unknown key \"blnd\"") == 0);
  CHECK(mistakes(name + "[schedule]\ncron = \"0 25 * * *\"\n" + kExperiment) ==
        "day.toml:3:8: hour \"25\" is not 0 to 23");
  CHECK(mistakes(name + "[schedule]\nzone = \"Europe/Berlim\"\n" + kExperiment)
            .find("day.toml:3:8: there is no time zone") == 0);
  CHECK(mistakes(name + "blackout = [\"2026-11-27\", \"2026-02-30\"]\n" + kExperiment) ==
        "day.toml:2:27: \"2026-02-30\" is no date; one is written like 2026-12-24");
  CHECK(mistakes(name + "[[window]]\ndays = [\"fry\"]\n" + kExperiment) ==
        "day.toml:2:1: \"fry\" is no day of the week; they are written like fri or mon-thu");
  CHECK(mistakes(name + "[schedule]\ncron = \"0 9 * * *\"\n[[window]]\nfrom = \"10:00\"\n" + kExperiment) ==
        "day.toml:3:8: this never comes inside a window and outside the blackout dates, in nine years");
  CHECK(mistakes(name + "[approval]\nfrom = [\"erin\", \"erin\"]\ncount = 2\n" + kExperiment) ==
        "day.toml:4:9: 2 must agree, but only 1 may");
  CHECK(mistakes(name + "[[experiment]]\nfile = \"missing.toml\"\n") ==
        "day.toml:3:8: missing.toml: No such file or directory");
  CHECK(mistakes(name + "[[experiment]]\nfile = \"a/../../x.toml\"\n") ==
        "day.toml:3:8: file must lie in the library's folder");
  CHECK(mistakes(name + "[[experiment]]\nfile = \"/etc/x.toml\"\n").find("must match") != std::string::npos);
  CHECK(mistakes(name + "doc = \"${HOME}\"\n" + kExperiment).find("day.toml:2:7: ") == 0);
}

TEST_CASE("plan: it is described with its next starts, who must agree, and its runs", "[unit][gameday]") {
  const auto plan = read_sample(kWhole);
  const std::string text = describe_plan(*plan, {.now = sys_days(year(2026) / 11 / 21), .starts = 6});
  CHECK(text == R"(friday-raft: Does the team see a lost leader?
  blind      experiments and faults stay hidden until it is over
  schedule   0 14 * * fri (Europe/Berlin)
  missed     runs late, by 2h at most
  if another runs, this start waits
  window     mon,tue,wed,thu,fri 10:00-16:00
  blackout   2026-12-20..2027-01-06
  starts     Fri 2026-11-27 14:00 CET  2026-11-27T13:00:00Z
             Fri 2026-12-04 14:00 CET  2026-12-04T13:00:00Z
             Fri 2026-12-11 14:00 CET  2026-12-11T13:00:00Z
             Fri 2026-12-18 14:00 CET  2026-12-18T13:00:00Z
             Fri 2027-01-08 14:00 CET  2027-01-08T13:00:00Z
             Fri 2027-01-15 14:00 CET  2027-01-15T13:00:00Z
  approval   2 of role:approver, erin, each for 48h
             not whoever submits the plan
  runs       1 first (first.toml), 10s, expects pass; stops if not
               world.nodes=5
               seed=7
               then 30s of pause
             2 canary/second (canary/second.toml), 10s, expects a violation; goes on if not
  takes      50s, and a little more for each run's set-up and checks
)");
}

TEST_CASE("plan: guards are named after their kinds and told in a line each", "[unit][gameday]") {
  const auto plan = read_sample(
      "name = \"day\"\n[[guard]]\nkind = \"http\"\nurl = \"http://10.0.0.7/health\"\n[[guard]]\nname = \"lag\"\nkind = "
      "\"prometheus\"\nwhen = [\"before\"]\nurl = \"http://10.0.0.8:9090\"\nquery = \"max(lag)\"\nmax = 5\n" +
      kExperiment);
  if (!plan) FAIL(plan.error().message);
  CHECK(plan->guards ==
        std::vector<std::string>{"http: GET http://10.0.0.7/health, before each experiment and every 1s while one runs",
                                 "lag: max(lag), before each experiment"});
}

TEST_CASE("plan: a probe that cannot be a guard is a mistake at its place", "[unit][gameday]") {
  const auto said = [](const std::string& keys) {
    return mistakes("name = \"day\"\n[[guard]]\n" + keys + kExperiment);
  };
  const std::string tcp = "kind = \"tcp\"\naddress = \"10.0.0.7:80\"\n";
  CHECK(said(tcp).empty());
  CHECK(said("kind = \"workload\"\nok_rate_min = \"90%\"\n") ==
        "day.toml:3:8: a guard looks from outside: a workload is an experiment's");
  CHECK(said(tcp + "from = \"n1\"\n") == "day.toml:5:8: a guard is measured from the controller");
  CHECK(said(tcp + "passed_min = \"90%\"\n") == "day.toml:5:14: of a guard failures_in_row says how often it may fail");
  CHECK(said(tcp + "when = [\"after\"]\n") ==
        "day.toml:5:8: a guard is measured before an experiment and while it runs: nothing depends on it after");
  const std::string named = "name = \"a\"\n";
  CHECK(said(named + tcp + "[[guard]]\n" + named + tcp) == "day.toml:7:8: another guard is named \"a\" already");
}
