#include <fmt/format.h>

#include <algorithm>

#include "checker/catalogue.h"
#include "checker/isolation/levels.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/isolation/transaction_writer.h"

namespace fracas::checker::tests {
namespace {

using W = TransactionWriter;

Request level_of(const std::string& level) {
  Request request;
  request.level = level;
  return request;
}

CheckResult ask(const W& writer, std::string_view model, const Request& request = {}) {
  auto result = check(writer.finish(), **find_model(model), request);
  INFO((result ? std::string() : result.error().message));
  REQUIRE(result);
  return std::move(*result);
}

std::vector<std::string> anomalies(const CheckResult& result) {
  std::vector<std::string> names;
  for (const auto& [name, number] : result.numbers)
    if (name.starts_with("anomalies ")) names.push_back(name.substr(10));
  return names;
}

bool has(const CheckResult& result, const std::string& anomaly) {
  const auto names = anomalies(result);
  return std::find(names.begin(), names.end(), anomaly) != names.end();
}

Verdict at(const W& writer, std::string_view model, const std::string& level) {
  return ask(writer, model, level_of(level)).verdict;
}

// A history, the anomaly it shows, the weakest level that this rules out and a level that stands.
struct Example {
  const char* model;
  W writer;
  const char* anomaly;
  const char* fails;
  const char* holds;  // empty: none does
};

void judge(const Example& example) {
  const CheckResult result = ask(example.writer, example.model, level_of(example.fails));
  INFO(example.model << ", " << example.anomaly << ": " << fmt::format("{}", fmt::join(anomalies(result), " ")) << "\n"
                     << fmt::format("{}", fmt::join(result.details, "\n")));
  CHECK(has(result, example.anomaly));
  CHECK(result.verdict == Verdict::violated);
  REQUIRE(result.counterexample);
  CHECK(result.summary.starts_with(std::string("not ") + example.fails + ": "));
  if (*example.holds != 0) CHECK(at(example.writer, example.model, example.holds) != Verdict::violated);
}

}  // namespace

TEST_CASE("list-append: every anomaly is found, named, and rules out its levels", "[unit][checker]") {
  const char* list = "list-append";
  const Example examples[] = {
      {list, W().together({"append x 1, append y 1", "append x 2, append y 2", "r x [1 2], r y [2 1]"}), "G0",
       "read-uncommitted", ""},
      {list, W().fail("a", "append x 1").ok("b", "r x [1]").ok("c", "append x 2"), "G1a", "read-committed",
       "read-uncommitted"},
      {list, W().together({"append x 1, append x 2", "r x [1]", "r x [1 2]"}), "G1b", "read-committed",
       "read-uncommitted"},
      {list, W().together({"append x 1, r y [1]", "append y 1, r x [1]"}), "G1c", "read-committed", "read-uncommitted"},
      {list, W().together({"append x 1, append y 1", "r x [1], r y []"}), "G-single-item", "consistent-view",
       "cursor-stability"},
      {list, W().together({"append x 1, append y 1", "r x [1], r y []"}), "G-prefix", "prefix", "cursor-stability"},
      {list, W().together({"append x 1", "append y 1", "r x [1], r y []", "r x [], r y [1]"}), "G-nonadjacent-item",
       "snapshot-isolation", "parallel-snapshot-isolation"},
      {list, W().together({"append x 1", "append y 1", "r x [1], r y []", "r x [], r y [1]"}), "long-fork", "prefix",
       "parallel-snapshot-isolation"},
      {list, W().together({"r x [], append y 1", "r y [], append x 1", "r x [1], r y [1]"}), "G2-item",
       "repeatable-read", "snapshot-isolation"},
      {list, W().together({"r x [], append x 1", "r x [], append x 2", "r x [1 2]"}), "lost-update", "cursor-stability",
       "read-committed"},
      {list, W().together({"r x [], append x 1", "append x 2", "r x [2 1]"}), "G-cursor", "cursor-stability",
       "read-committed"},
      {list, W().together({"append x 1, r x []", "r x [1]"}), "internal", "item-cut-isolation", "read-committed"},
      {list, W().together({"append x 1", "r x [1], append x 2, r x [1 3 2]", "append x 3"}), "internal",
       "repeatable-read", "read-committed"},
      {list, W().fail("a", "append x 1").ok("b", "append x 2").ok("c", "r x [1 2]"), "dirty-update", "read-committed",
       "read-uncommitted"},
      {list, W().ok("a", "append x 1").ok("b", "r x [1 1]"), "duplicate-elements", "read-uncommitted", ""},
      {list, W().ok("a", "append x 1").ok("b", "r x [1 7]"), "garbage-read", "read-uncommitted", ""},
      {list, W().together({"append x 1", "append x 2", "r x [1]", "r x [2]"}), "incompatible-order", "read-committed",
       "read-uncommitted"},
      {list, W().ok("a", "r x [1], append x 1").ok("b", "r x [1]"), "future-read", "read-committed",
       "read-uncommitted"},
      {list, W().ok("a", "append x 1").ok("a", "r x []").ok("b", "r x [1]"), "G-single-item-process",
       "strong-session-snapshot-isolation", "serializable"},
      {list, W().ok("a", "append x 1").ok("b", "r x []").ok("c", "r x [1]"), "G-single-item-realtime",
       "strict-serializable", "strong-session-serializable"},
      {list, W().ok("a", "append x 1").ok("a", "append x 2").ok("b", "r x [2 1]"), "G0-process",
       "strong-session-read-uncommitted", "serializable"},
      {list, W().ok("a", "append x 1").ok("b", "append x 2").ok("c", "r x [2 1]"), "G0-realtime",
       "strong-read-uncommitted", "strong-session-serializable"},
  };
  for (const Example& example : examples) judge(example);
}

TEST_CASE("rw-register: every anomaly is found, named, and rules out its levels", "[unit][checker]") {
  const char* reg = "rw-register";
  const Example examples[] = {
      {reg, W().fail("a", "w x 1").ok("b", "r x 1").ok("c", "w x 2"), "G1a", "read-committed", "read-uncommitted"},
      {reg, W().together({"w x 1, w x 2", "r x 1"}), "G1b", "read-committed", "read-uncommitted"},
      {reg, W().together({"w x 1, r y 1", "w y 1, r x 1"}), "G1c", "read-committed", "read-uncommitted"},
      {reg, W().together({"w x 1, w y 1", "r x 1, r y nil"}), "G-single-item", "consistent-view", "cursor-stability"},
      {reg, W().together({"w x 1", "w y 1", "r x 1, r y nil", "r x nil, r y 1"}), "long-fork", "prefix",
       "parallel-snapshot-isolation"},
      {reg, W().together({"r x nil, w y 1", "r y nil, w x 1"}), "G2-item", "repeatable-read", "snapshot-isolation"},
      {reg, W().together({"w x 1, w y 1", "r x 1, w y 2", "r y 1, w x 2"}), "G2-item", "repeatable-read",
       "snapshot-isolation"},
      {reg, W().together({"r x nil, w x 1", "r x nil, w x 2"}), "lost-update", "cursor-stability", "read-committed"},
      {reg, W().together({"w x 1, r x 2", "w x 2"}), "internal", "item-cut-isolation", "read-committed"},
      {reg, W().together({"r x 1, w x 2", "r x 2, w x 1"}), "cyclic-versions", "read-uncommitted", ""},
      {reg, W().together({"r x 1", "r x 2"}), "garbage-read", "read-uncommitted", ""},
      {reg, W().ok("a", "r x 1, w x 1"), "future-read", "read-committed", "read-uncommitted"},
      {reg, W().ok("a", "w x 1").ok("a", "r x nil"), "G-single-item-process", "strong-session-snapshot-isolation",
       "serializable"},
      {reg, W().ok("a", "w x 1").ok("b", "r x nil"), "G-single-item-realtime", "strict-serializable",
       "strong-session-serializable"},
  };
  for (const Example& example : examples) judge(example);
}

TEST_CASE("rw-register: what serializability says of unordered versions rules it out", "[unit][checker]") {
  // A long fork over versions that nothing orders: neither reader can be the first.
  W writer;
  writer.together({"w x 1, w y 1", "w x 2", "w y 2", "r x 2, r y 1", "r x 1, r y 2"});
  Request request = level_of("serializable");
  CHECK(ask(writer, "rw-register", request).verdict == Verdict::pass);
  request.parameters["sessions"] = "true";
  const CheckResult result = ask(writer, "rw-register", request);
  CHECK(result.verdict == Verdict::violated);
  CHECK(has(result, "no-serial-order"));
  REQUIRE(result.counterexample);
  CHECK(result.counterexample->cycle.size() == 4);
  request.level = "causal";
  CHECK(ask(writer, "rw-register", request).verdict == Verdict::pass);
}

TEST_CASE("rw-register: what is assumed of versions orders them", "[unit][checker]") {
  struct Case {
    W writer;
    std::map<std::string, std::string, std::less<>> parameters;
    const char* anomaly;
  };
  const Case cases[] = {
      {W().together({"r x nil, w y 2", "w x 3, w y 4"}), {{"transaction-order", "2,1"}}, "G-single-item"},
      {W().ok("a", "w x 1")
           .invoke("c", "r x nil, r y nil")
           .ok("b", "w x 2, w y 1")
           .complete("c", model::EventType::ok, "r x 1, r y 1"),
       {{"linearizable-keys", "true"}},
       "G-single-item"},
      {W().ok("a", "w x 1").ok("a", "w x 2").ok("a", "r x 1"), {{"sequential-keys", "true"}}, "cyclic-versions"},
      {W().together({"w x 1, w y 1", "r x 1, r y 0"}), {{"initial", "0"}}, "G-single-item"},
  };
  for (const Case& example : cases) {
    Request request;
    INFO(example.anomaly);
    CHECK_FALSE(has(ask(example.writer, "rw-register", request), example.anomaly));
    request.parameters = example.parameters;
    CHECK(has(ask(example.writer, "rw-register", request), example.anomaly));
  }
}

TEST_CASE("isolation: an answer names the strongest level that holds, and proves each edge of its cycle",
          "[unit][checker]") {
  const CheckResult skew = ask(W().together({"r x [], append y 1", "r y [], append x 1", "r x [1], r y [1]"}),
                               "list-append", level_of("serializable"));
  CHECK(skew.details.front() == "strongest that holds: strong-snapshot-isolation; weakest that fails: repeatable-read");
  CHECK(skew.summary ==
        "not serializable: G2-item: 2 transactions would each have to come before the next: T1 < T2 < T1");
  INFO(fmt::format("{}", fmt::join(skew.details, "\n")));
  const auto said = [&](const std::string& line) {
    return std::find(skew.details.begin(), skew.details.end(), line) != skew.details.end();
  };
  CHECK(said("  T1 = [r x []] [append y 1] (process p0, events 1 and 4)"));
  CHECK(said("  T1 < T2: T1 read x = [], which lacks the 1 that T2 appended"));
  CHECK(said("  T2 < T1: T2 read y = [], which lacks the 1 that T1 appended"));

  const CheckResult late = ask(W().ok("a", "append x 1").ok("b", "r x []").ok("c", "r x [1]"), "list-append");
  CHECK(late.summary.starts_with("not strict-serializable: G-single-item-realtime: "));
  CHECK(std::any_of(late.details.begin(), late.details.end(), [](const std::string& line) {
    return line.ends_with("completed 1 ms before T2 began") || line.ends_with("completed 1 ms before T1 began");
  }));
  CHECK(ask(W().ok("a", "append x 1").ok("b", "r x [1]"), "list-append").summary ==
        "2 transactions are strict-serializable");
}

TEST_CASE("isolation: transactions of unknown outcome count as far as others saw them", "[unit][checker]") {
  const W seen = W().together({"r x [1], r y [2 1]"}).info("i", "append x 1, append y 1").ok("a", "append y 2");
  CHECK(at(seen, "list-append", "serializable") == Verdict::pass);
  const W half = W().together({"r x [1], r y []"}).info("i", "append x 1, append y 1");
  CHECK(at(half, "list-append", "serializable") == Verdict::violated);
  const W unseen = W().together({"r x [], r y []", "append z 1", "r z [1]"}).info("i", "append x 1, append y 1");
  CHECK(at(unseen, "list-append", "serializable") == Verdict::pass);
}

TEST_CASE("isolation: what is not of the dialect is refused at its event", "[unit][checker]") {
  const auto error = [](const W& writer, std::string_view model, const Request& request = {}) {
    const auto result = check(writer.finish(), **find_model(model), request);
    return result ? std::string("accepted") : result.error().message;
  };
  CHECK(error(W().ok("a", "w x 1"), "list-append") ==
        "event 1: the step [\"w\" \"x\" 1]: transactions of lists have r and append only");
  CHECK(error(W().ok("a", "append x 1"), "rw-register") ==
        "event 1: the step [\"append\" \"x\" 1]: transactions of registers have r and w");
  CHECK(error(W().ok("a", "append x 1").ok("b", "append x 1"), "list-append") ==
        "event 3: 1 is appended to x a second time, after event 1: every value must be written once");
  CHECK(error(W().ok("a", "r x 3"), "list-append") ==
        "event 1: the step [\"r\" \"x\" 3]: a read of a list returns a list");
  Request request;
  request.parameters["transaction-order"] = "1,2";
  CHECK(error(W().ok("a", "w x 1"), "rw-register", request) == "transaction-order has 2 numbers for 1 transactions");
}

TEST_CASE("list-append: appends and reads alone are judged without transactions", "[unit][checker]") {
  const auto alone = [](const std::string& level) {
    HistoryBuilder builder;
    std::int64_t now = 0;
    const auto add = [&](Function function, model::EventType type, Value value) {
      EventRow row;
      row.time_ns = ++now;
      row.type = type;
      row.function = function;
      row.process = builder.process("a");
      row.key = builder.values().text("x");
      row.value = value;
      REQUIRE(builder.add(row));
    };
    add(Function::append, model::EventType::invoke, Value::of(std::int64_t{1}));
    add(Function::append, model::EventType::ok, Value::of(std::int64_t{1}));
    add(Function::read, model::EventType::invoke, {});
    add(Function::read, model::EventType::ok, builder.values().list({}));
    return *check(std::move(builder).finish(), **find_model("list-append"), level_of(level));
  };
  CHECK(alone("").kind == "linearizable");
  CHECK(alone("").verdict == Verdict::violated);
  CHECK(alone("linearizable").verdict == Verdict::violated);
  CHECK(alone("serializable").verdict == Verdict::pass);
}

}  // namespace fracas::checker::tests
