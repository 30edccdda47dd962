#include "checker/check.h"
#include "checker/history/history_builder.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/event_writer.h"

namespace fracas::checker::tests {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

// One read every 10 ms for `seconds`, each answered after 2 ms; from `down_ms` to `up_ms` it times out instead.
std::vector<Event> outage(std::int64_t seconds, std::int64_t down_ms, std::int64_t up_ms) {
  std::vector<Event> events;
  for (std::int64_t at = 0; at < seconds * 1000; at += 10) {
    const bool down = at >= down_ms && at < up_ms;
    const std::string client = "c" + std::to_string(at);
    events.push_back({at * kMillisecond, client, EventType::invoke, Function::read, "k", {}, "n1", {}});
    events.push_back(
        {(at + 2) * kMillisecond, client, down ? EventType::info : EventType::ok, Function::read, "k", {}, "n1", {}});
  }
  return events;
}

std::vector<model::FaultWindow> fault(std::int64_t start_ms, std::int64_t end_ms) {
  return {{"f#1", "f", "net.loss", "", start_ms * kMillisecond, end_ms * kMillisecond, {}}};
}

}  // namespace

TEST_CASE("availability: counts, latencies and phases are those of the history", "[unit][checker]") {
  const CheckResult result = check_availability(*history_of(outage(10, 2000, 5000)), {}, fault(2000, 4000));
  CHECK(result.verdict == Verdict::pass);
  CHECK(result.numbers.at("invoked") == 1000);
  CHECK(result.numbers.at("info") == 300);
  CHECK(result.numbers.at("ok_rate") == Approx(0.7));
  CHECK(result.numbers.at("before_ok_rate") == 1);
  CHECK(result.numbers.at("during_invoked") == 201);
  CHECK(result.numbers.at("during_ok_rate") == 0);
  CHECK(result.numbers.at("latency_p99_ms") == Approx(2));
  CHECK(result.numbers.at("gap_longest_ms") == Approx(3010));
  CHECK(result.numbers.at("recovery_ms") == 1000);
}

TEST_CASE("availability: each time without an answer is told, with the fault it fell in", "[unit][checker]") {
  const CheckResult result = check_availability(*history_of(outage(10, 2000, 5000)), {}, fault(2000, 4000));
  CHECK(result.numbers.at("gaps") == 1);
  CHECK(result.numbers.at("gaps_total_ms") == Approx(3010));
  REQUIRE(result.details.size() >= 2);
  CHECK(result.details[1].find("no answer from 1.992 s to 5.002 s, ") == 0);
  CHECK(result.details[1].find("f#1 (net.loss)") != std::string::npos);
}

TEST_CASE("availability: goals are met, missed, or cannot be judged", "[unit][checker]") {
  const auto seconds = [](int n) { return std::chrono::seconds(n); };
  const struct {
    const char* what;
    std::int64_t up_ms;
    AvailabilityGoals goals;
    std::vector<model::FaultWindow> faults;
    Verdict expected;
  } cases[] = {
      {"in time", 5000, {.recovered_within = seconds(2)}, fault(2000, 4000), Verdict::pass},
      {"too late", 7000, {.recovered_within = seconds(2)}, fault(2000, 4000), Verdict::violated},
      {"never", 10000, {.recovered_within = seconds(2)}, fault(2000, 4000), Verdict::violated},
      {"enough answers", 5000, {.ok_rate_min = 0.7}, fault(2000, 4000), Verdict::pass},
      {"too few answers", 5000, {.ok_rate_min = 0.71}, fault(2000, 4000), Verdict::violated},
      {"quick enough", 5000, {.latency_p99_max = std::chrono::milliseconds(2)}, fault(2000, 4000), Verdict::pass},
      {"too slow", 5000, {.latency_p99_max = std::chrono::microseconds(1999)}, fault(2000, 4000), Verdict::violated},
      {"silent for long", 5000, {.silence_max = seconds(3)}, fault(2000, 4000), Verdict::violated},
      {"silent, but not for longer", 5000, {.silence_max = seconds(4)}, fault(2000, 4000), Verdict::pass},
      {"nothing after the fault", 5000, {.recovered_within = seconds(2)}, fault(2000, 20000), Verdict::undecided},
      {"no fault at all", 5000, {.recovered_within = seconds(2)}, {}, Verdict::undecided},
  };
  for (const auto& example : cases) {
    INFO(example.what);
    const CheckResult result =
        check_availability(*history_of(outage(10, 2000, example.up_ms)), example.goals, example.faults);
    CHECK(result.verdict == example.expected);
  }
  const auto empty = check_availability(History{}, {}, {});
  CHECK(empty.verdict == Verdict::undecided);
}

TEST_CASE("availability: a compare-and-set that found another value was answered", "[unit][checker]") {
  EventWriter history;
  const std::pair<std::int64_t, std::int64_t> change{1, 2};
  history.invoke("a", Function::cas, change).fail("a", Function::cas, change);
  history.invoke("b", Function::write, 1).fail("b", Function::write, 1);
  const auto result = check_availability(*history_of(history.events()), {}, {});
  CHECK(result.numbers.at("ok_rate") == Approx(0.5));
  CHECK(result.numbers.at("fail") == 2);
}

}  // namespace fracas::checker::tests
