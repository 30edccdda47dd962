#include "checker/isolation/views.h"

#include <fmt/format.h>

#include "checker/catalogue.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/isolation/every_view.h"
#include "tests/unit/checker/isolation/random_transactions.h"

namespace fracas::checker::tests {
namespace {

using isolation::View;
using isolation::ViewAnswer;
using isolation::ViewQuestion;
using W = TransactionWriter;

ViewAnswer ask(const History& history, isolation::Dialect dialect, const ViewQuestion& question,
               std::size_t bytes = std::size_t{1} << 20) {
  const auto transactions = isolation::read_transactions(history, dialect);
  REQUIRE(transactions);
  const auto writes = isolation::WriteIndex::make(*transactions);
  REQUIRE(writes);
  const auto observations = isolation::Observations::make(*transactions, *writes, {});
  return judge_view(observations, nullptr, question, bytes);
}

CheckResult at(const History& history, const char* model, const char* level) {
  Request request;
  request.level = level;
  auto result = check(history, **find_model(model), request);
  REQUIRE(result);
  return std::move(*result);
}

struct Example {
  const char* anomaly;
  W writer;
  const char* fails;
  const char* holds;
};

const Example kExamples[] = {
    {"non-monotonic-read", W().together({"w x 1, w y 1", "r x nil, w z 1", "r y 1, r x nil"}), "monotonic-atomic-view",
     "read-committed"},
    {"fractured-read", W().together({"w x 1, w y 1", "r x nil, r y 1"}), "read-atomic", "monotonic-atomic-view"},
    {"fractured-read", W().together({"w x 1, w y 1", "r y 1, w x 2, w z 1", "r x 1, r z 1"}), "read-atomic",
     "monotonic-atomic-view"},
    {"fractured-read-process", W().ok("a", "w x 1").ok("a", "r x nil"), "strong-session-read-atomic", "read-atomic"},
    {"causality", W().together({"w x 1", "r x 1, w y 1", "r y 1, r x nil"}), "causal", "strong-session-read-atomic"},
    {"causality", W().ok("a", "w x 1").ok("a", "w y 1").ok("b", "r y 1").ok("b", "r x nil"), "causal",
     "strong-session-read-atomic"},
};

}  // namespace

TEST_CASE("views: each has its anomaly, and rules out its levels", "[unit][checker]") {
  for (const Example& example : kExamples) {
    const History history = example.writer.finish();
    const CheckResult result = at(history, "rw-register", example.fails);
    INFO(example.anomaly << "\n" << fmt::format("{}", fmt::join(result.details, "\n")));
    CHECK(result.verdict == Verdict::violated);
    CHECK(result.numbers.contains(std::string("anomalies ") + example.anomaly));
    CHECK(at(history, "rw-register", example.holds).verdict == Verdict::pass);
    CHECK(at(history, "rw-register", "strict-serializable").verdict == Verdict::violated);
  }
}

TEST_CASE("views: lists are judged by the same axioms", "[unit][checker]") {
  const History fractured = W().together({"append x 1, append y 1", "append x 2", "r x [1 2], r y []"}).finish();
  CHECK(at(fractured, "list-append", "read-atomic").verdict == Verdict::violated);
  CHECK(at(fractured, "list-append", "read-committed").verdict == Verdict::pass);
  const History causal = W().together({"append x 1, append z 1", "r x [1], append y 1", "r y [1], r z []"}).finish();
  CHECK(at(causal, "list-append", "causal").verdict == Verdict::violated);
  CHECK(at(causal, "list-append", "strong-session-read-atomic").verdict == Verdict::pass);
}

TEST_CASE("views: without any times, sessions count at every level", "[unit][checker]") {
  HistoryBuilder builder;
  const auto add = [&](const char* process, std::initializer_list<std::array<std::string_view, 3>> steps) {
    std::vector<Value> values;
    for (const auto& [name, key, value] : steps) {
      const Value parts[] = {builder.values().text(name), builder.values().text(key),
                             value == "nil" ? Value{} : builder.values().text(value)};
      values.push_back(builder.values().list(parts));
    }
    EventRow row;
    row.function = Function::txn;
    row.process = builder.process(process);
    row.value = builder.values().list(values);
    REQUIRE(builder.add(row));
    row.type = model::EventType::ok;
    REQUIRE(builder.add(row));
  };
  add("a", {{"r", "y", "1"}});
  add("a", {{"w", "x", "1"}});
  add("b", {{"r", "x", "1"}});
  add("b", {{"w", "y", "1"}});
  const History history = std::move(builder).finish(false);
  CHECK(at(history, "rw-register", "read-committed").verdict == Verdict::violated);
  Request request;
  request.level = "read-committed";
  request.parameters["sessions"] = "false";
  CHECK(check(history, **find_model("rw-register"), request)->verdict == Verdict::pass);
}

TEST_CASE("views: a proof says who saw what", "[unit][checker]") {
  const History history = W().together({"w x 1, w z 1", "r x 1, w y 1", "r y 1, r z nil"}).finish();
  const CheckResult result = at(history, "rw-register", "causal");
  INFO(fmt::format("{}", fmt::join(result.details, "\n")));
  CHECK(result.summary ==
        "not causal: causality: T2 read z = nil, the initial value, although it had seen T1, which wrote z");
  const auto said = [&](const std::string& line) {
    return std::find(result.details.begin(), result.details.end(), line) != result.details.end();
  };
  CHECK(said("  reads and sessions lead from T1 over T3 to T2"));
  CHECK(said("  T3 = [r x 1] [w y 1] (process p1, events 2 and 5)"));
}

TEST_CASE("views: agree with their axioms on every order, on thousands of small histories", "[unit][checker]") {
  constexpr ViewQuestion kQuestions[] = {{View::monotonic, false},
                                         {View::monotonic, true},
                                         {View::atomic, false},
                                         {View::atomic, true},
                                         {View::causal, true}};
  const RandomTransactionsOptions families[] = {
      {.lists = false, .stale = 0.4},
      {.lists = false, .transactions = 6, .clients = 3, .keys = 3, .steps = 4, .info = 0.3, .stale = 0.5},
      {.lists = false, .transactions = 6, .clients = 2, .keys = 2, .steps = 2, .stale = 0.2, .together = 0.2},
      {.lists = false, .transactions = 4, .keys = 2, .steps = 6, .info = 0, .stale = 0.6, .together = 0},
  };
  for (const ViewQuestion& question : kQuestions) {
    int holds = 0, broken = 0;
    for (const auto& options : families)
      for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        const History history = RandomTransactions(options, RandomStream(seed, "views")).make().finish();
        const bool expected = EveryView(history).holds(question.view, question.sessions);
        ++(expected ? holds : broken);
        if (ask(history, isolation::Dialect::registers, question).broken != expected) continue;
        std::string text;
        for (const Operation& operation : history.operations)
          text += fmt::format(
              "{} {}..{} {}\n", history.processes[operation.process], operation.invoke, operation.completion,
              history.describe(operation.outcome == Outcome::ok ? operation.result : operation.argument));
        FAIL(fmt::format("view {}, sessions {}, seed {}: expected {}\n{}", static_cast<int>(question.view),
                         question.sessions, seed, expected, text));
      }
    CHECK(holds > 100);
    CHECK(broken > 100);
  }
}

TEST_CASE("views: a walk that needs too much memory is undecided", "[unit][checker]") {
  const History history = W().together({"w x 1", "r x 1, w y 1", "r y 1"}).finish();
  CHECK(ask(history, isolation::Dialect::registers, {View::causal, true}, 8).undecided);
  CHECK_FALSE(ask(history, isolation::Dialect::registers, {View::causal, true}).undecided);
}

}  // namespace fracas::checker::tests
