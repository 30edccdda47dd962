#include <fmt/format.h>

#include <map>

#include "checker/catalogue.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/isolation/every_order.h"
#include "tests/unit/checker/isolation/random_transactions.h"

namespace fracas::checker::tests {
namespace {

struct Tally {
  int holds = 0, fails = 0;
};

std::string describe(const History& history) {
  std::string text;
  for (const Operation& operation : history.operations)
    text += fmt::format("{} {}..{} {} {}\n", history.processes[operation.process], operation.invoke,
                        operation.completion, static_cast<int>(operation.outcome),
                        history.describe(operation.outcome == Outcome::ok ? operation.result : operation.argument));
  return text;
}

struct Question {
  const char* level;
  bool snapshots;
  Between between;
};
constexpr Question kQuestions[] = {
    {"serializable", false, Between::nothing},
    {"strong-session-serializable", false, Between::sessions},
    {"strict-serializable", false, Between::real_time},
    {"snapshot-isolation", true, Between::nothing},
    {"strong-session-snapshot-isolation", true, Between::sessions},
    {"strong-snapshot-isolation", true, Between::real_time},
};

CheckResult answer(const History& history, const char* model, const char* level) {
  Request request;
  request.level = level;
  auto result = check(history, **find_model(model), request);
  REQUIRE(result);
  return std::move(*result);
}

}  // namespace

TEST_CASE("list-append: the levels agree with trying every order on thousands of small histories", "[unit][checker]") {
  const RandomTransactionsOptions families[] = {
      {},
      {.stale = 0.4},
      {.transactions = 4, .steps = 4, .info = 0.4},
      {.transactions = 6, .clients = 2, .keys = 3, .steps = 2, .stale = 0.05, .together = 0.3},
  };
  std::map<std::string, Tally> tallies;
  for (const auto& options : families)
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
      const History history = RandomTransactions(options, RandomStream(seed, "transactions")).make().finish();
      EveryOrder oracle(history, true);
      for (const Question& question : kQuestions) {
        const bool expected =
            question.snapshots ? oracle.snapshot_isolated(question.between) : oracle.serializable(question.between);
        const CheckResult result = answer(history, "list-append", question.level);
        ++(expected ? tallies[question.level].holds : tallies[question.level].fails);
        if ((result.verdict != Verdict::violated) == expected) continue;
        FAIL(fmt::format("seed {}, {}: expected {}, {}\n{}{}", seed, question.level, expected, result.summary,
                         describe(history), fmt::join(result.details, "\n")));
      }
    }
  for (const auto& [level, tally] : tallies) {
    INFO(level << ": " << tally.holds << " hold, " << tally.fails << " fail");
    CHECK(tally.holds > 100);
    CHECK(tally.fails > 100);
  }
}

TEST_CASE("rw-register: what is said to be violated has no order", "[unit][checker]") {
  Tally tally;
  int missed = 0;
  for (const auto& options : {RandomTransactionsOptions{.lists = false},
                              RandomTransactionsOptions{.lists = false, .transactions = 4, .info = 0.3, .stale = 0.3}})
    for (std::uint64_t seed = 1; seed <= 600; ++seed) {
      const History history = RandomTransactions(options, RandomStream(seed, "transactions")).make().finish();
      EveryOrder oracle(history, false);
      for (const Question& question : kQuestions) {
        const bool expected =
            question.snapshots ? oracle.snapshot_isolated(question.between) : oracle.serializable(question.between);
        const CheckResult result = answer(history, "rw-register", question.level);
        const bool violated = result.verdict == Verdict::violated;
        ++(violated ? tally.fails : tally.holds);
        if (!violated && !expected) ++missed;
        if (!violated || !expected) continue;
        FAIL(fmt::format("seed {}, {}: {}\n{}{}", seed, question.level, result.summary, describe(history),
                         fmt::join(result.details, "\n")));
      }
    }
  INFO(missed << " missed");
  CHECK(tally.holds > 100);
  CHECK(tally.fails > 1000);
}

TEST_CASE("rw-register: with sessions, few histories without a serial order are missed", "[unit][checker]") {
  Tally tally;
  int missed = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const RandomTransactionsOptions options{.lists = false, .info = 0.1, .stale = 0.2};
    const History history = RandomTransactions(options, RandomStream(seed, "transactions")).make().finish();
    const bool expected = EveryOrder(history, false).serializable(Between::sessions);
    Request request;
    request.level = "serializable";
    request.parameters["sessions"] = "true";
    const auto result = check(history, **find_model("rw-register"), request);
    REQUIRE(result);
    const bool violated = result->verdict == Verdict::violated;
    ++(expected ? tally.holds : tally.fails);
    if (violated && expected) FAIL(fmt::format("seed {}: {}\n{}", seed, result->summary, describe(history)));
    if (!violated && !expected) ++missed;
  }
  INFO(missed << " of " << tally.fails << " missed");
  CHECK(tally.holds > 100);
  CHECK(tally.fails > 300);
  CHECK(missed * 100 < tally.fails);
}

}  // namespace fracas::checker::tests
