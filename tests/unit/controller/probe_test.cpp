#include <fmt/format.h>

#include <sstream>

#include "controller/probe/abort_rules.h"
#include "controller/probe/probe_kinds.h"
#include "controller/probe/probe_log.h"
#include "controller/probe/probe_plan.h"
#include "controller/probe/tolerance.h"
#include "controller/probe/workload_meter.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;
using namespace std::chrono_literals;

namespace {

model::Tolerance tolerance(const std::string& json, const std::string& matches, const std::string& equals = "") {
  model::Tolerance result;
  result.set_json(json);
  result.set_matches(matches);
  result.set_equals(equals);
  return result;
}

model::ExperimentFile read(const std::string& rest) {
  auto file = model::read_experiment_text(
      "name = \"test\"\nduration_max = \"2m\"\n[target]\nkind = \"raft\"\n[workload]\nkind = \"register\"\n" + rest,
      "test.toml");
  if (!file) FAIL(file.error().message);
  return *std::move(file);
}

void add_operation(std::vector<model::Event>& history, std::int64_t begin_ms, std::int64_t took_ms,
                   model::EventType type) {
  model::Event event;
  event.process = fmt::format("c{}", history.size());
  event.time_ns = begin_ms * 1'000'000;
  history.push_back(event);
  event.type = type;
  event.time_ns += took_ms * 1'000'000;
  history.push_back(event);
}

ProbeSample sample(std::int64_t seconds, bool passed, bool counts, bool decides = false) {
  return {.measurement = {.time_ns = seconds * 1'000'000'000, .passed = passed, .says = passed ? "good" : "bad"},
          .part = RunPart::during,
          .counts = counts,
          .decides = decides};
}

}  // namespace

TEST_CASE("tolerance: a JSON pointer leads to the value that is looked at", "[unit][controller]") {
  const std::string answer = R"({"nodes":[{"a/b":"up"},{"lag":12.5}],"ok":true})";
  CHECK(judge(tolerance("/nodes/0/a~1b", "^up$"), answer).passed);
  CHECK(judge(tolerance("/ok", "", "true"), answer).passed);
  CHECK(judge(tolerance("/nodes/7", ""), answer).says == "no /nodes/7 in the answer");
  CHECK(judge(tolerance("/ok/deeper", ""), answer).says == "no /ok/deeper in the answer");
  CHECK_FALSE(judge(tolerance("/ok", ""), "no json").passed);
  model::Tolerance range = tolerance("/nodes/1/lag", "");
  range.set_max(12.5);
  const Judged judged = judge(range, answer);
  CHECK(judged.passed);
  CHECK(judged.value == 12.5);
  range.set_max(12);
  CHECK(judge(range, answer).says == "12.5 is above 12");
}

TEST_CASE("tolerance: white space around a text does not matter, what is no number is in no range",
          "[unit][controller]") {
  CHECK(judge(tolerance("", "", "healthy"), " healthy\n").passed);
  CHECK_FALSE(judge(tolerance("", "", "healthy"), "unhealthy").passed);
  model::Tolerance range;
  range.set_min(0);
  CHECK(judge(range, "3\n").passed);
  CHECK_FALSE(judge(range, "3 apples").passed);
  CHECK_FALSE(judge(range, "NaN").passed);
  CHECK_FALSE(check_tolerance(tolerance("", "(")).has_value());
}

TEST_CASE("probe: statuses are numbers and ranges", "[unit][controller]") {
  CHECK(status_passes("200-299,404", 204));
  CHECK(status_passes("200-299,404", 404));
  CHECK_FALSE(status_passes("200-299,404", 403));
  CHECK_FALSE(status_passes("200", 500));
}

TEST_CASE("probe: addresses take the place of hosts, and other braces stay", "[unit][controller]") {
  const std::map<std::string, std::string> addresses{{"n1", "10.77.0.11"}, {"n2", "fd77::12"}};
  CHECK(with_addresses("http://{n1}:1/{n2}?q={job}", addresses, true) == "http://10.77.0.11:1/[fd77::12]?q={job}");
  CHECK(with_addresses("{n2}", addresses, false) == "fd77::12");
}

TEST_CASE("probe: of a query's values each must be in the range, and there must be one", "[unit][controller]") {
  model::PrometheusProbe probe;
  probe.set_min(1);
  const auto vector_of = [](const std::string& first, const std::string& second) {
    return fmt::format(R"({{"status":"success","data":{{"resultType":"vector","result":[)"
                       R"({{"metric":{{}},"value":[1,"{}"]}},{{"metric":{{}},"value":[1,"{}"]}}]}}}})",
                       first, second);
  };
  CHECK(judge_query(probe, vector_of("1", "2")).passed);
  CHECK(judge_query(probe, vector_of("2", "0")).says == "0 is below 1");
  CHECK_FALSE(judge_query(probe, vector_of("2", "NaN")).passed);
  CHECK(judge_query(probe, R"({"status":"success","data":{"resultType":"scalar","result":[1,"7"]}})").value == 7);
  CHECK(judge_query(probe, R"({"status":"success","data":{"resultType":"vector","result":[]}})").says ==
        "the query has no value");
  CHECK(judge_query(probe, R"({"status":"error","error":"parse error"})").says == "parse error");
  CHECK_FALSE(judge_query(probe, "<html>").passed);
}

TEST_CASE("workload meter: only what ended in the time looked back at counts", "[unit][controller]") {
  std::vector<model::Event> history;
  for (int i = 0; i < 20; ++i) add_operation(history, i * 10, 5, model::EventType::ok);
  for (int i = 0; i < 10; ++i) add_operation(history, 5000 + i * 10, 5 + i, model::EventType::info);
  for (int i = 0; i < 10; ++i) add_operation(history, 5100 + i * 10, 1 + i, model::EventType::ok);
  WorkloadMeter meter(10s);
  meter.follow(history);
  CHECK(meter.events() == history.size());
  const std::int64_t now_ns = 5'200'000'000;
  const WorkloadGoals rate{.over = 1s, .ok_rate_min = 0.6};
  const auto judged = meter.judge(rate, now_ns);
  REQUIRE(judged.has_value());
  CHECK_FALSE(judged->passed);
  CHECK(judged->value == Approx(0.5));
  const WorkloadGoals latency{.over = 1s, .latency_max = 9ms, .quantile = 0.9};
  CHECK(meter.judge(latency, now_ns)->passed);
  CHECK_FALSE(meter.judge({.over = 1s, .latency_max = 9ms, .quantile = 1}, now_ns)->passed);
  CHECK_FALSE(meter.judge({.over = 10ms, .ok_rate_min = 0.5}, now_ns).has_value());
}

TEST_CASE("workload meter: a compare-and-set whose condition does not hold is an answer", "[unit][controller]") {
  std::vector<model::Event> history;
  for (int i = 0; i < 10; ++i) add_operation(history, i, 1, model::EventType::fail);
  for (model::Event& event : history) event.function = model::Function::cas;
  WorkloadMeter meter(10s);
  meter.follow(history);
  CHECK(meter.judge({.over = 1s, .ok_rate_min = 1}, 500'000'000)->passed);
}

TEST_CASE("probe plan: the last measurement before the faults leaves time to prepare them", "[unit][controller]") {
  const auto file = read(
      "[[probe]]\nkind = \"tcp\"\naddress = \"{n1}:1\"\nwhen = [\"before\", \"after\"]\ninterval = \"1s\"\n"
      "timeout = \"200ms\"\n");
  const auto plan = plan_measurements(file.experiment().probe(0), {.before = 3s, .during = 10s, .after = 2s});
  std::vector<Duration> times;
  for (const PlannedMeasurement& each : plan) {
    times.push_back(each.at);
    CHECK_FALSE(each.counts);
    CHECK(each.part != RunPart::during);
    CHECK(each.decides == (each.at == 2300ms || each.at == 14300ms));
  }
  CHECK(times == std::vector<Duration>{0s, 1s, 2s, 2300ms, 13s, 14s, 14300ms});
}

TEST_CASE("probe plan: a continuous probe is measured all the time, and all of it counts", "[unit][controller]") {
  const auto file = read("[[probe]]\nkind = \"tcp\"\naddress = \"{n1}:1\"\n");
  const auto plan = plan_measurements(file.experiment().probe(0), {.before = 3s, .during = 10s, .after = 2s});
  CHECK(plan.size() == 15);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    CHECK(plan[i].at == Duration(1s) * i);
    CHECK(plan[i].counts);
    CHECK_FALSE(plan[i].decides);
  }
}

TEST_CASE("abort rules: a probe aborts after as many failures in a row as it says", "[unit][controller]") {
  const auto file = read(
      "[[probe]]\nname = \"up\"\nkind = \"tcp\"\naddress = \"{n1}:1\"\nfailures_in_row = 3\n"
      "[safety]\nabort_when = [\"probe:up\"]\n");
  AbortRules rules(file.experiment());
  CHECK_FALSE(rules.looks_at_workload());
  const Measurement good{.passed = true};
  const Measurement bad{.says = "refused"};
  CHECK_FALSE(rules.measured("up", bad));
  CHECK_FALSE(rules.measured("up", bad));
  CHECK_FALSE(rules.measured("up", good));
  CHECK_FALSE(rules.measured("up", bad));
  CHECK_FALSE(rules.measured("up", bad));
  CHECK(rules.measured("up", bad) == "probe up failed 3 times in a row: refused");
  CHECK_FALSE(rules.measured("other", bad));
}

TEST_CASE("probe log: what is written is read back, and judged alike", "[unit][controller]") {
  ProbeRecord record{
      .name = "up", .kind = "tcp", .description = "connect", .from = "n1", .passed_min = 0.5, .samples = {}};
  for (int i = 0; i < 4; ++i) record.samples.push_back(sample(i, i % 2 == 0, true));
  record.samples.front().measurement.value = 1.5;
  std::istringstream in(write_probes({record}));
  const auto again = read_probes(in);
  REQUIRE(again.has_value());
  REQUIRE(again->size() == 1);
  CHECK(write_probes(*again) == write_probes({record}));
  CHECK(judge_probe(again->front()).verdict == checker::Verdict::pass);
  record.passed_min = 0.8;
  const auto judged = judge_probe(record);
  CHECK(judged.kind == "probe up");
  CHECK(judged.verdict == checker::Verdict::violated);
  CHECK(judged.summary == "connect: 2 of 4 measurements passed, fewer than 80%");
  CHECK(judged.numbers.at("failure_longest_s") == 1);
}

TEST_CASE("probe log: the last measurement that decides must pass, and nothing measured says nothing",
          "[unit][controller]") {
  ProbeRecord record{
      .name = "up", .kind = "tcp", .description = "connect", .from = "n1", .passed_min = 1, .samples = {}};
  CHECK(judge_probe(record).verdict == checker::Verdict::undecided);
  record.samples = {sample(1, false, false), sample(2, true, false, true)};
  CHECK(judge_probe(record).verdict == checker::Verdict::pass);
  record.samples.back() = sample(2, false, false, true);
  CHECK(judge_probe(record).verdict == checker::Verdict::violated);
}
