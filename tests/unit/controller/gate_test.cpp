#include "controller/gate/gate.h"

#include <nlohmann/json.hpp>

#include "controller/gate/gate_report.h"
#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using namespace fracas::controller;

const GateSubject kSubject{.name = "split", .file = "experiments/split.toml", .line = 12};

// A run of a hundred reads, each answered after `latency_ms`.
RunRecord run_with(double latency_ms, Outcome outcome = Outcome::pass) {
  RunRecord record;
  record.outcome = outcome;
  record.reason = "so it came";
  for (int i = 0; i < 100; ++i) {
    const std::int64_t begin_ns = 1'000'000'000 + i * 200'000'000LL;
    const auto event = [&](std::int64_t time_ns, model::EventType type) {
      return model::Event{time_ns, "c1", type, model::Function::read, "k", {}, "n1", {}};
    };
    record.history.push_back(event(begin_ns, model::EventType::invoke));
    record.history.push_back(event(begin_ns + static_cast<std::int64_t>(latency_ms * 1e6), model::EventType::ok));
  }
  return record;
}

Measured with_p99(double ms) {
  Measured measured;
  measured[static_cast<std::size_t>(Metric::latency_p99_ms)] = ms;
  return measured;
}

Baseline baseline_of(const std::vector<double>& p99) {
  Baseline baseline;
  for (const double ms : p99) baseline[kSubject.name].faults.push_back(with_p99(ms));
  return baseline;
}

}  // namespace

TEST_CASE("gate: the rank test's probabilities are those of the tables", "[unit][controller]") {
  const std::vector<double> low{1, 2, 3};
  const std::vector<double> high{4, 5, 6};
  CHECK(rank_probability(low, high) == Approx(1.0 / 20));
  CHECK(rank_probability(high, low) == Approx(1));
  CHECK(rank_probability(low, std::vector<double>{2, 4, 6}) == Approx(2.0 / 20));
  CHECK(rank_probability(std::vector<double>{1, 2, 3, 4, 5}, high) == Approx(4.0 / 56));
}

TEST_CASE("gate: a number alone proves nothing, and a small change does not matter", "[unit][controller]") {
  const CompareOptions options;
  const auto change = [&](const std::vector<double>& before, const std::vector<double>& now) {
    return compare(Metric::latency_p99_ms, before, now, options).change;
  };
  CHECK(change({10}, {20}) == Change::undecided);
  CHECK(change({10, 11, 12}, {20, 21, 22}) == Change::worse);
  CHECK(change({10, 11, 12}, {10.5, 11.5, 12.5}) == Change::none);
  CHECK(change({20, 21, 22}, {10, 11, 12}) == Change::none);
  CHECK(compare(Metric::ok_rate, std::vector<double>{1, 0.999, 1}, std::vector<double>{0.9, 0.91, 0.92}, options)
            .change == Change::worse);
  CHECK(compare(Metric::recovery_s, std::vector<double>{0, 0, 0}, std::vector<double>{0.5, 0.5, 0.5}, options).change ==
        Change::none);
}

TEST_CASE("gate: without a baseline the checks alone decide", "[unit][controller]") {
  unsigned control = 0;
  const PlayRun play = [&](Arm arm, unsigned) {
    control += arm == Arm::control;
    return run_with(5);
  };
  const GateResult result = hold_against_gate(kSubject, {}, play);
  CHECK(result.outcome == Outcome::pass);
  CHECK(result.runs.size() == 6);
  CHECK(control == 3);
  CHECK(exit_code({result}) == 0);
  CHECK(exit_code({}) == 3);
}

TEST_CASE("gate: the first violation settles it, so does a run that injected nothing", "[unit][controller]") {
  for (const Outcome outcome : {Outcome::violated, Outcome::vacuous, Outcome::cleanup_failed}) {
    const GateResult result = hold_against_gate(
        kSubject, {}, [&](Arm, unsigned number) { return run_with(5, number == 1 ? outcome : Outcome::pass); });
    CHECK(result.outcome == outcome);
    CHECK(result.runs.size() == 2);
    CHECK(exit_code({result}) == static_cast<int>(outcome));
  }
}

TEST_CASE("gate: what is undecided is played again, and only that", "[unit][controller]") {
  const Baseline baseline = baseline_of({10, 11, 12});
  GateOptions options;
  options.baseline = &baseline;
  options.runs = 2;
  options.control = 0;
  SECTION("until it is clear that it got worse") {
    const GateResult result = hold_against_gate(kSubject, options, [](Arm, unsigned n) { return run_with(30 + n); });
    CHECK(result.outcome == Outcome::violated);
    CHECK(result.runs.size() == 3);
    CHECK(result.reason.starts_with("worse than the baseline: latency_p99_ms 11 -> 31"));
  }
  SECTION("or until it is clear that it did not") {
    const GateResult result =
        hold_against_gate(kSubject, options, [](Arm, unsigned n) { return run_with(n == 0 ? 30 : 10.0 + n / 10.0); });
    CHECK(result.outcome == Outcome::pass);
    CHECK(result.runs.size() == 3);
  }
  SECTION("as often as is allowed") {
    options.retries = 0;
    const GateResult result = hold_against_gate(kSubject, options, [](Arm, unsigned) { return run_with(30); });
    CHECK(result.outcome == Outcome::undecided);
    CHECK(result.runs.size() == 2);
  }
  SECTION("and so are checks that could not tell") {
    const GateResult result = hold_against_gate(
        kSubject, options, [](Arm, unsigned n) { return run_with(10, n == 0 ? Outcome::undecided : Outcome::pass); });
    CHECK(result.outcome == Outcome::pass);
    CHECK(result.runs.size() == 3);
  }
}

TEST_CASE("gate: a baseline survives being written and read", "[unit][controller]") {
  const GateResult result = hold_against_gate(kSubject, {}, [](Arm, unsigned n) { return run_with(5 + n); });
  const auto read = parse_baseline(to_json({{"split", result.measured}}));
  REQUIRE(read);
  CHECK(read->at("split").faults == result.measured.faults);
  CHECK(read->at("split").control.size() == 3);
  CHECK(parse_baseline("{}").error().message ==
        "this is no baseline of a gate; `fracas gate --write-baseline FILE` makes one");
  CHECK(parse_baseline(R"({"format":"fracas-gate-baseline","version":9})").error().message ==
        "its version is 9, and this program knows 1");
}

TEST_CASE("gate: what it tells other systems names the experiment's line", "[unit][controller]") {
  const GateResult good =
      hold_against_gate({.name = "good", .file = "g.toml"}, {}, [](Arm, unsigned) { return run_with(5); });
  const GateResult bad = hold_against_gate(kSubject, {}, [](Arm, unsigned) {
    RunRecord record = run_with(5, Outcome::violated);
    record.reason = "50% <lost>\nof | it";
    return record;
  });
  const auto sarif = nlohmann::json::parse(gate_sarif({good, bad}));
  const auto& results = sarif["runs"][0]["results"];
  REQUIRE(results.size() == 1);
  CHECK(results[0]["ruleId"] == "violated");
  CHECK(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 12);
  CHECK(gate_annotations({good, bad}) ==
        "::error file=experiments/split.toml,line=12,title=split::violated: seed 0: 50%25 <lost>%0Aof | it\n");
  CHECK(gate_markdown({good, bad}).find("| split | violated | 1 | seed 0: 50% <lost> of \\| it |") !=
        std::string::npos);
  const std::string junit = gate_junit({good, bad});
  CHECK(junit.find("<testsuite name=\"good\" tests=\"7\" failures=\"0\"") != std::string::npos);
  CHECK(junit.find("50% &#60;lost") != std::string::npos);
}
