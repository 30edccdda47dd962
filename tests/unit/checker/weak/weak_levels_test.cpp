#include "checker/catalogue.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/weak/levels_agree.h"

namespace fracas::checker::tests {
namespace {

CheckResult ask(const History& history, const char* level,
                std::map<std::string, std::string, std::less<>> parameters = {}, const char* model = "register") {
  Request request;
  request.level = level;
  request.parameters = std::move(parameters);
  auto result = check(history, **find_model(model), request);
  REQUIRE(result);
  return std::move(*result);
}

bool says(const CheckResult& result, std::string_view text) {
  return std::any_of(result.details.begin(), result.details.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

Rows& write(Rows& rows, const char* process, const char* key, int value) {
  return rows.key(key).whole(process, "write", Rows::number(value), Rows::number(value));
}
Rows& read(Rows& rows, const char* process, const char* key, int value) {
  return rows.key(key).whole(process, "read", {}, value == 0 ? checker::Value{} : Rows::number(value));
}

// Bouajjani et al., figure 3: histories that tell the causal levels apart.
History figure_a() {  // CM, not CCv
  Rows rows;
  write(rows, "a", "x", 1);
  write(rows, "b", "x", 2);
  read(rows, "a", "x", 2);
  read(rows, "b", "x", 1);
  return std::move(rows).finish();
}
History figure_b() {  // CCv, not CM
  Rows rows;
  write(rows, "a", "z", 1);
  write(rows, "a", "x", 1);
  write(rows, "a", "y", 1);
  write(rows, "b", "x", 2);
  read(rows, "b", "z", 0);
  read(rows, "b", "y", 1);
  read(rows, "b", "x", 2);
  return std::move(rows).finish();
}
History figure_c() {  // CC, neither CM nor CCv
  Rows rows;
  write(rows, "a", "x", 1);
  write(rows, "b", "x", 2);
  read(rows, "b", "x", 1);
  read(rows, "b", "x", 2);
  return std::move(rows).finish();
}

}  // namespace

TEST_CASE("weak: every level agrees with its definition on thousands of small histories", "[unit][checker]") {
  for (const MemoryFamily& family : kMemoryFamilies) {
    MemoryTally tally;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
      const std::string wrong = MemoryAgreement(family, seed).disagreement(tally);
      if (!wrong.empty()) FAIL(wrong);
    }
    CAPTURE(family.name);
    CHECK(tally.orders > 20);
    CHECK(tally.cores > 100);
    for (std::size_t level = 0; level + 1 < weak::kLevels; ++level) {
      CAPTURE(weak::name(static_cast<weak::Level>(level)));
      CHECK(tally.hold[level] > 20);
    }
  }
}

TEST_CASE("weak: the causal levels are told apart as in the literature", "[unit][checker]") {
  CHECK(ask(figure_a(), "causal-memory").verdict == Verdict::pass);
  CHECK(ask(figure_a(), "causal-convergence").verdict == Verdict::violated);
  CHECK(ask(figure_b(), "causal").verdict == Verdict::pass);
  CHECK(ask(figure_b(), "causal-memory").verdict == Verdict::violated);
  CHECK(ask(figure_c(), "weak-causal").verdict == Verdict::pass);
  CHECK(ask(figure_c(), "causal-memory").verdict == Verdict::violated);
  CHECK(ask(figure_c(), "causal-convergence").verdict == Verdict::violated);
}

TEST_CASE("weak: the answer says the strongest levels that hold and the weakest that fail", "[unit][checker]") {
  const CheckResult result = ask(figure_a(), "sequential");
  CHECK(result.verdict == Verdict::violated);
  CHECK(says(result, "strongest that holds: causal-memory; weakest that fails: causal-convergence"));
  CHECK(result.summary.starts_with("not sequential: not even causal-convergence: "));
  REQUIRE(result.counterexample);
  CHECK(result.counterexample->operations.size() == 4);
  CHECK(result.counterexample->cycle.size() >= 2);
}

TEST_CASE("weak: keys that are each sequential need not be so together", "[unit][checker]") {
  Rows rows;  // Dekker's algorithm on two machines
  write(rows, "a", "x", 1);
  read(rows, "a", "y", 0);
  write(rows, "b", "y", 1);
  read(rows, "b", "x", 0);
  const History history = std::move(rows).finish();
  CHECK(ask(history, "sequential").verdict == Verdict::violated);
  CHECK(ask(history, "sequential", {{"per-key", "true"}}).verdict == Verdict::pass);
  const auto shown = ask(history, "sequential").counterexample->operations;
  CHECK(std::any_of(shown.begin(), shown.end(), [](const auto& each) { return each.function == "write x"; }));
}

TEST_CASE("weak: a proof of a violated guarantee is the few operations that show it", "[unit][checker]") {
  Rows rows;
  for (int i = 1; i <= 30; ++i) write(rows, "a", "x", i);
  read(rows, "b", "x", 29);
  write(rows, "c", "x", 31);
  read(rows, "b", "x", 31);
  read(rows, "b", "x", 29);
  const CheckResult result = ask(std::move(rows).finish(), "monotonic-reads");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.counterexample->operations.size() == 5);
  CHECK(result.summary.find("goes back behind") != std::string::npos);
}

TEST_CASE("weak: a stack and a compare-and-set may be sequential without being linearizable", "[unit][checker]") {
  Rows rows("");
  rows.whole("a", "push", Rows::number(1), {});
  rows.whole("b", "pop", {}, {});
  rows.whole("b", "pop", {}, Rows::number(1));
  const History stack = std::move(rows).finish();
  CHECK(ask(stack, "linearizable", {}, "stack").verdict == Verdict::violated);
  CHECK(ask(stack, "sequential", {}, "stack").verdict == Verdict::pass);
  Rows twice("");
  twice.whole("a", "push", Rows::number(1), {});
  twice.whole("b", "pop", {}, Rows::number(1));
  twice.whole("c", "pop", {}, Rows::number(1));
  const CheckResult result = ask(std::move(twice).finish(), "sequential", {}, "stack");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.counterexample->operations.size() == 2);
}

TEST_CASE("weak: a search that runs out of its budget is undecided", "[unit][checker]") {
  Rows rows("k");
  for (const char* process : {"a", "b", "c", "d"})
    for (int i = 0; i < 6; ++i) rows.whole(process, "write", Rows::number(i % 2 + 1), {});
  for (int i = 0; i < 6; ++i) rows.whole("e", "read", {}, Rows::number(i % 2 + 1));
  rows.whole("e", "read", {}, {});
  Request request;
  request.level = "sequential";
  request.budget.configurations_per_key = 100;
  const auto result = check(std::move(rows).finish(), **find_model("register"), request);
  REQUIRE(result);
  CHECK(result->verdict == Verdict::undecided);
  CHECK(result->summary.starts_with("undecided: no order was found among 10"));
}

TEST_CASE("weak: staleness is told in versions and in time", "[unit][checker]") {
  Rows rows;
  for (int i = 1; i <= 5; ++i) write(rows, "a", "x", i);  // returned at 2, 4, 6, 8 and 10 ms
  read(rows, "b", "x", 2);                                // begun at 11 ms; 3 was written by 6 ms
  const History history = std::move(rows).finish();
  const CheckResult measured = ask(history, "bounded-staleness");
  CHECK(measured.verdict == Verdict::pass);
  CHECK(measured.numbers.at("stale_versions_min") == 4);
  CHECK(measured.numbers.at("stale_versions_max") == 4);
  CHECK(measured.numbers.at("stale_ms") == 5);
  CHECK(ask(history, "bounded-staleness", {{"versions", "4"}, {"seconds", "0.005"}}).verdict == Verdict::pass);
  const CheckResult versions = ask(history, "bounded-staleness", {{"versions", "3"}});
  CHECK(versions.verdict == Verdict::violated);
  CHECK(versions.counterexample->operations.size() == 5);
  const CheckResult time = ask(history, "bounded-staleness", {{"seconds", "4ms"}});
  CHECK(time.verdict == Verdict::violated);
  CHECK(time.counterexample->operations.size() == 3);
}

TEST_CASE("weak: no bound allows a read of what is only written later", "[unit][checker]") {
  Rows rows;
  read(rows, "b", "x", 1);
  write(rows, "a", "x", 1);
  CHECK(ask(std::move(rows).finish(), "bounded-staleness").verdict == Verdict::violated);
}

TEST_CASE("weak: replicas converge when the last reads agree", "[unit][checker]") {
  Rows rows;
  write(rows, "a", "x", 1);
  write(rows, "b", "x", 2);
  read(rows, "a", "x", 1);
  read(rows, "b", "x", 2);
  const History apart = std::move(rows).finish();
  const CheckResult diverged = ask(apart, "convergent");
  CHECK(diverged.verdict == Verdict::violated);
  CHECK(diverged.counterexample->operations.size() == 2);
  // Both reads are before the end of what replicas are allowed.
  CHECK(ask(apart, "convergent", {{"settle", "1"}}).verdict == Verdict::undecided);
  Rows together;
  write(together, "a", "x", 1);
  together.invoke("b", "write", Rows::number(2)).info("b", "write", Rows::number(2));
  read(together, "a", "x", 1);
  read(together, "c", "x", 2);
  read(together, "a", "x", 2);
  CHECK(ask(std::move(together).finish(), "convergent").verdict == Verdict::pass);
}

}  // namespace fracas::checker::tests
