#include <algorithm>
#include <cmath>
#include <sstream>

#include "controller/report/node_lanes.h"
#include "controller/report/operation_columns.h"
#include "controller/report/run_record.h"
#include "controller/report/summary.h"
#include "controller/report/wording.h"
#include "tests/catch/catch.h"
#include "tests/unit/controller/report_sample.h"

namespace fracas::controller {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The text on one line, with single spaces.
std::string unwrapped(const std::string& text) {
  std::istringstream in(text);
  std::string result;
  for (std::string word; in >> word;) result += word + ' ';
  return result;
}

const NodeLane& lane_of(const std::vector<NodeLane>& lanes, const std::string& node) {
  return *std::find_if(lanes.begin(), lanes.end(), [&](const NodeLane& lane) { return lane.node == node; });
}

NodeState state_at(const NodeLane& lane, double seconds) {
  for (const LaneSegment& segment : lane.segments)
    if (segment.start_ns <= sample::at(seconds) && sample::at(seconds) < segment.end_ns) return segment.state;
  FAIL("nothing is known of that moment");
  return NodeState::follower;
}

}  // namespace

TEST_CASE("run record: the exit code is the outcome, and expect swaps only pass and violated", "[unit][controller]") {
  struct Row {
    Outcome outcome;
    std::string name;
    int expect_pass;
    int expect_violated;
  };
  const auto row = GENERATE(values<Row>({{Outcome::pass, "pass", 0, 1},
                                         {Outcome::violated, "violated", 1, 0},
                                         {Outcome::undecided, "undecided", 2, 2},
                                         {Outcome::vacuous, "vacuous", 3, 3},
                                         {Outcome::aborted, "aborted", 4, 4},
                                         {Outcome::could_not_run, "could not run", 5, 5},
                                         {Outcome::bad_input, "bad input", 6, 6},
                                         {Outcome::cleanup_failed, "cleanup failed", 7, 7}}));
  RunRecord record;
  record.outcome = row.outcome;
  CHECK(name(row.outcome) == row.name);
  CHECK(record.exit_code() == row.expect_pass);
  record.expect_violated = true;
  CHECK(record.exit_code() == row.expect_violated);
}

TEST_CASE("wording: numbers carry the unit of their name", "[unit][controller]") {
  struct Row {
    std::string name;
    double value;
    std::string label;
    std::string shown;
  };
  const auto row = GENERATE(values<Row>({{"latency_p99_ms", 12.34, "latency p99", "12.3 ms"},
                                         {"latency_p50_ms", 0.84, "latency p50", "840 µs"},
                                         {"recovery_s", 1.53, "recovery", "1.53 s"},
                                         {"ok_rate", 0.98123, "ok rate", "98.12%"},
                                         {"ok_rate", 0.999999, "ok rate", "99.99%"},
                                         {"ok_rate", 1, "ok rate", "100%"},
                                         {"throughput_per_s", 1234.4, "throughput", "1,234/s"},
                                         {"keys", 1234567, "keys", "1,234,567"},
                                         {"gap_ms", std::nan(""), "gap ms", "–"}}));
  const ShownNumber shown = show_number(row.name, row.value);
  CHECK(shown.label == row.label);
  CHECK(shown.value == row.shown);
}

TEST_CASE("wording: what a fault did is said in the words of its kind", "[unit][controller]") {
  struct Row {
    std::string kind;
    std::uint64_t affected;
    std::string says;
  };
  const auto row = GENERATE(values<Row>({{"net.loss", 1234, "dropped 1,234 packets on 1 host"},
                                         {"process.oom", 1, "killed 1 process on 1 host"},
                                         {"process.pause", 2, "paused 2 processes on 1 host"},
                                         {"clock.skew", 2, "shifted the clock of 2 processes on 1 host"},
                                         {"disk.throttle", 7, "slowed 7 calls on 1 host"},
                                         {"net.gravity", 3, "took effect 3 times on 1 host"},
                                         {"net.loss", 0, "had no effect"}}));
  model::FaultWindow window;
  window.kind = row.kind;
  window.effects.push_back({.host = "n1", .mechanism = "", .counters = {.affected = row.affected}});
  CHECK(effect_text(window) == row.says);
}

TEST_CASE("node lanes: kills, restarts and pauses cover what a node said of itself", "[unit][controller]") {
  const RunRecord record = sample::passed(0);
  const auto lanes = build_lanes(record.hosts, record.node_events, record.faults, sample::at(43));
  REQUIRE(lanes.size() == 5);
  CHECK(state_at(lane_of(lanes, "n1"), 10) == NodeState::leader);
  CHECK(state_at(lane_of(lanes, "n3"), 10) == NodeState::leader);
  CHECK(state_at(lane_of(lanes, "n3"), 19) == NodeState::down);
  CHECK(state_at(lane_of(lanes, "n3"), 20.2) == NodeState::follower);
  CHECK(state_at(lane_of(lanes, "n5"), 25.9) == NodeState::follower);
  CHECK(state_at(lane_of(lanes, "n5"), 27) == NodeState::paused);
  CHECK(state_at(lane_of(lanes, "n5"), 28.1) == NodeState::follower);
  CHECK(lane_of(lanes, "n4").segments.back() == LaneSegment{sample::at(19.2), sample::at(43), NodeState::leader, 5});
  for (const NodeLane& lane : lanes)
    for (std::size_t i = 1; i < lane.segments.size(); ++i)
      CHECK(lane.segments[i - 1].end_ns <= lane.segments[i].start_ns);
}

TEST_CASE("operation columns: above the limit only answered operations are left out", "[unit][controller]") {
  const auto history = sample::history(43, 290);
  const auto all = draw_operations(history, sample::kOrigin);
  REQUIRE(all);
  CHECK_FALSE(all->sampled());
  const auto some = draw_operations(history, sample::kOrigin, 1000);
  REQUIRE(some);
  CHECK(some->sampled());
  CHECK(some->columns.start_us.size() == 1000);
  CHECK(some->totals == all->totals);
  CHECK(some->p99_us == all->p99_us);
  CHECK(some->buckets.counts == all->buckets.counts);
  const auto kept = std::count_if(some->columns.outcome.begin(), some->columns.outcome.end(),
                                  [](Drawn drawn) { return drawn != Drawn::answered; });
  CHECK(static_cast<std::uint64_t>(kept) == all->totals[1] + all->totals[2]);
  const auto none = draw_operations(history, sample::kOrigin, 1);
  REQUIRE(none);
  CHECK(none->columns.start_us.size() == all->totals[1] + all->totals[2]);
}

TEST_CASE("summary: says verdict, faults, numbers, proof and where the report is", "[unit][controller]") {
  const std::string text = summary(sample::violated(), {.colour = false, .report_path = "/a folder/report.html"});
  for (const char* part : {"VIOLATED", "seed 7", "ring#1", "dropped 3,455 packets on 5 hosts", "linearizable violated",
                           "read k7 → 40", "3.3 s after its start", "/a folder/report.html"}) {
    INFO(part);
    CHECK(has(unwrapped(text), part));
  }
  CHECK_FALSE(has(text, "\x1b"));
  CHECK(has(summary(sample::violated(), {.colour = true, .report_path = {}}), "\x1b[1;31mVIOLATED\x1b[0m"));
}

TEST_CASE("summary: escape sequences in names do not reach the terminal", "[unit][controller]") {
  RunRecord record = sample::violated();
  record.name = record.reason = record.faults[0].description = record.checks[0].summary = "\x1b[2J\x07";
  record.checks[0].counterexample->sentence = record.faults[0].id = "\x1b]0;x\x07";
  record.leftovers = {"\x1b[2J"};
  CHECK_FALSE(has(summary(record, {}), "\x1b"));
  CHECK_FALSE(has(summary(record, {}), "\x07"));
}

TEST_CASE("summary: a fault without effect is never left out of a long list", "[unit][controller]") {
  RunRecord record = sample::passed(0);
  for (int i = 2; i < 60; ++i) {
    model::FaultWindow fault = record.faults[1];
    fault.id = "kill#" + std::to_string(i);
    if (i == 50) fault.effects.clear();
    record.faults.push_back(fault);
  }
  const std::string text = summary(record, {});
  CHECK(has(text, "kill#50"));
  CHECK(has(text, "HAD NO EFFECT"));
  CHECK(has(text, "kill ×58"));
  CHECK(has(text, "killed 58 processes"));
}

}  // namespace fracas::controller
