#include "checker/explain/dead_ends.h"

#include "checker/catalogue.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/history_of_rows.h"

namespace fracas::checker::tests {
namespace {

using Lines = std::vector<std::string>;

CheckResult judged(History history, std::string_view model, const Request& request = {}) {
  const auto result = check(history, **find_model(model), request);
  REQUIRE(result);
  REQUIRE(result->verdict == Verdict::violated);
  REQUIRE(result->counterexample);
  return *result;
}

}  // namespace

TEST_CASE("explain: the longest order of a stale read, and why the read cannot follow it", "[unit][checker]") {
  Rows rows;
  rows.whole("a", "write", Rows::number(1), Rows::number(1)).whole("b", "write", Rows::number(2), Rows::number(2));
  rows.whole("c", "read", {}, Rows::number(1));
  const auto result = judged(std::move(rows).finish(), "register");
  const Counterexample& example = *result.counterexample;
  REQUIRE(example.dead_ends.size() == 1);
  CHECK(example.dead_ends[0].start == "nil");
  REQUIRE(example.dead_ends[0].order.size() == 2);
  CHECK(example.dead_ends[0].order[1].holds == "2");
  REQUIRE(example.dead_ends[0].refusals.size() == 1);
  CHECK(example.dead_ends[0].refusals[0].operation == 2);
  CHECK(render_dead_ends(example) == Lines{"the longest order takes 2 of the 3 operations: at first nil, 1 a's write 1 "
                                           "(holds 1), 2 b's write 2 (holds 2)",
                                           "then c's read 1 does not fit: 2 is held"});
}

TEST_CASE("explain: orders that end at different operations are told one by one", "[unit][checker]") {
  Rows rows;
  rows.invoke("w", "write", Rows::number(1)).invoke("x", "write", Rows::number(2));
  rows.invoke("r", "read").invoke("s", "read");
  rows.ok("w", "write", Rows::number(1)).ok("x", "write", Rows::number(2));
  rows.ok("r", "read", Rows::number(1)).ok("s", "read", Rows::number(2));
  rows.whole("t", "read", {}, Rows::number(1)).whole("u", "read", {}, Rows::number(2));
  const auto result = judged(std::move(rows).finish(), "register");
  const Counterexample& example = *result.counterexample;
  REQUIRE_FALSE(example.dead_ends.empty());
  for (const DeadEnd& end : example.dead_ends) {
    CHECK(end.order.size() < example.operations.size());
    CHECK_FALSE(end.refusals.empty());
    for (const auto& refusal : end.refusals)
      for (const auto& step : end.order) CHECK(refusal.operation != step.operation);
  }
}

TEST_CASE("explain: a register's initial value is a parameter, and stands at the head of the order",
          "[unit][checker]") {
  const auto history = [] {
    Rows rows;
    rows.whole("a", "read", {}, Rows::number(0)).whole("b", "write", Rows::number(1), Rows::number(1));
    rows.whole("c", "read", {}, Rows::number(0));
    return std::move(rows).finish();
  };
  Request request;
  request.parameters["initial"] = "0";
  const auto result = judged(history(), "register", request);
  CHECK(result.summary.starts_with("stale read: key k: c read 0"));
  REQUIRE_FALSE(result.counterexample->dead_ends.empty());
  CHECK(result.counterexample->dead_ends[0].start == "0");
  CHECK(judged(history(), "register").summary.starts_with("phantom read"));
  Rows texts;
  const checker::Value a = texts.text("A");
  texts.whole("p", "read", {}, a).whole("p", "write", Rows::number(3), Rows::number(3));
  request.parameters["initial"] = "A";
  const auto sound = check(std::move(texts).finish(), **find_model("register"), request);
  REQUIRE(sound);
  CHECK(sound->verdict == Verdict::pass);
}

TEST_CASE("explain: a model's own words for its state stand in the order", "[unit][checker]") {
  Rows rows;
  rows.whole("a", "write", Rows::number(1), Rows::number(1)).whole("c", "read", {}, Rows::number(2));
  const auto result = judged(std::move(rows).finish(), "multi-register");
  const auto& ends = result.counterexample->dead_ends;
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].start == "nil everywhere");
  CHECK(ends[0].refusals[0].why == "does not fit: nil everywhere is held");
}

}  // namespace fracas::checker::tests
