#include "controller/run/live_check.h"

#include "controller/plan/timeline.h"
#include "controller/sim/simulate.h"
#include "controller/target/bugs_known.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

std::string text_of(const std::string& workload, const std::string& more) {
  return "name = \"live\"\nduration_max = \"1m\"\nseed = 3\n" + more +
         "[world]\nkind = \"sim\"\n[target]\nkind = \"raft\"\noptions = { bugs = [\"stale-read\"] }\n" +
         "[workload]\nkind = \"" + workload +
         "\"\nclients = 20\nrate = \"400/s\"\nkeys = 3\nreads = \"80%\"\ntimeout = \"400ms\"\n" +
         "attempt_timeout = \"100ms\"\n[phases]\nwarmup = \"2s\"\nfaults = \"20s\"\n" +
         "[[fault]]\nkind = \"net.partition\"\nshape = \"isolate\"\non = \"leader\"\nat = \"500ms\"\nfor = "
         "\"3s\"\nevery = \"4s\"\n";
}

const std::string kCheck = "[[check]]\nkind = \"linearizable\"\n";

Result<model::ExperimentFile> read(const std::string& text) {
  model::ReadOptions options;
  options.bugs_known = bugs_known();
  return model::read_experiment_text(text, "live.toml", options);
}

RunRecord run(const std::string& text) {
  const auto file = read(text);
  INFO((file ? "" : file.error().message));
  REQUIRE(file.has_value());
  const auto timeline = plan(*file, 3);
  REQUIRE(timeline.has_value());
  return simulate(file->experiment(), *timeline);
}

}  // namespace

TEST_CASE("live check: a run that stops on a violation ends at the first, healed and judged", "[unit][controller]") {
  for (const std::string workload : {"register", "cas-register", "append"}) {
    const RunRecord whole = run(text_of(workload, "") + kCheck);
    const RunRecord ended = run(text_of(workload, "stop_on = \"violation\"\n") + kCheck);
    INFO(workload << ": " << ended.reason);
    REQUIRE(whole.outcome == Outcome::violated);
    CHECK(ended.outcome == Outcome::violated);
    CHECK(ended.history.size() < whole.history.size() * 3 / 4);
    REQUIRE(!ended.faults.empty());
    CHECK(ended.faults.front().end_ns > ended.faults.front().start_ns);
    CHECK(ended.faults.front().end_ns <= ended.phases.end_ns);
  }
}

TEST_CASE("live check: a run without a violation goes on to its end", "[unit][controller]") {
  std::string text = text_of("register", "stop_on = \"violation\"\n") + kCheck;
  const std::string bug = "\"stale-read\"";
  text.erase(text.find(bug), bug.size());
  const RunRecord record = run(text);
  INFO(record.reason);
  CHECK(record.outcome == Outcome::pass);
}

TEST_CASE("live check: stop_on without a check that can find something is refused", "[unit][controller]") {
  const auto file = read(text_of("register", "stop_on = \"violation\"\n"));
  REQUIRE(!file.has_value());
  CHECK(file.error().message.find("stop_on needs a check linearizable") != std::string::npos);
  CHECK(file.error().message.starts_with("live.toml:4:"));
}
