#include "checker/catalogue.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/history_of_rows.h"

namespace fracas::checker::tests {
namespace {

checker::Value number(std::int64_t value) {
  return Rows::number(value);
}

CheckResult judge(const History& history, std::string_view model, const Request& request = {}) {
  const auto result = checker::check(history, **find_model(model), request);
  REQUIRE(result);
  if (result->verdict == Verdict::violated) CHECK(result->counterexample);
  return *result;
}

Request at_level(std::string level) {
  Request request;
  request.level = std::move(level);
  return request;
}

}  // namespace

TEST_CASE("fifo-queue: a value that overtakes another is named", "[unit][checker]") {
  Rows rows("q");
  rows.whole("a", "enqueue", number(1), {}).whole("a", "enqueue", number(2), {});
  rows.whole("b", "dequeue", {}, number(2)).whole("b", "dequeue", {}, number(1));
  const History history = std::move(rows).finish();
  const CheckResult result = judge(history, "fifo-queue");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "key q: 1 went in before 2 but came out after it");
  CHECK(result.counterexample->operations.size() == 4);
}

TEST_CASE("stack: lengths and peeks count, and operations without an answer may have happened", "[unit][checker]") {
  const auto judge_length = [](std::int64_t length) {
    Rows rows("");
    rows.whole("a", "push", number(10), {}).invoke("a", "push", number(20));
    rows.whole("b", "len", {}, number(length)).whole("b", "pop", {}, number(20)).whole("b", "pop", {}, number(10));
    const History history = std::move(rows).finish();
    return judge(history, "stack").verdict;
  };
  CHECK(judge_length(0) == Verdict::violated);
  CHECK(judge_length(1) == Verdict::pass);
  CHECK(judge_length(2) == Verdict::pass);
  CHECK(judge_length(3) == Verdict::violated);
}

TEST_CASE("priority-queue: a value that is no integer has no priority", "[unit][checker]") {
  Rows rows("");
  rows.whole("a", "insert", rows.text("x"), {});
  const History history = std::move(rows).finish();
  const auto result = checker::check(history, **find_model("priority-queue"), {});
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "event 1: \"x\" is not an integer, so it has no priority");
}

TEST_CASE("fifo-queue: a failed dequeue says that the queue was empty only if that is what fail means",
          "[unit][checker]") {
  Rows rows("");
  rows.whole("a", "enqueue", number(1), {}).invoke("b", "dequeue").fail("b", "dequeue");
  const History history = std::move(rows).finish();
  Request request;
  CHECK(judge(history, "fifo-queue", request).verdict == Verdict::pass);
  request.fail = FailMeans::mismatch;
  CHECK(judge(history, "fifo-queue", request).verdict == Verdict::violated);
}

TEST_CASE("set: a read that lacks what had been added before is stale", "[unit][checker]") {
  Rows rows("");
  rows.whole("a", "add", number(1), {}).whole("a", "add", number(2), {});
  rows.whole("b", "read", {}, rows.list({number(2)}));
  const History history = std::move(rows).finish();
  const CheckResult result = judge(history, "set");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "a read lacks 1, whose addition had returned before it began");
}

TEST_CASE("counter: its level bounds asks less than linearizable does", "[unit][checker]") {
  Rows rows("");
  rows.invoke("a", "add", number(1)).invoke("b", "add", number(1));
  rows.whole("c", "read", {}, number(2)).whole("c", "read", {}, number(1));
  rows.ok("a", "add").ok("b", "add");
  const History history = std::move(rows).finish();
  const CheckResult result = judge(history, "counter");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "a read counted 1 additions after another had counted 2");
  const CheckResult bounds = judge(history, "counter", at_level("bounds"));
  CHECK(bounds.verdict == Verdict::pass);
  CHECK(bounds.numbers.at("reads") == 2);
}

TEST_CASE("mutex: who acquires what another holds is named", "[unit][checker]") {
  Rows rows("");
  rows.whole("a", "acquire", {}, {}).whole("b", "acquire", {}, {});
  const History history = std::move(rows).finish();
  const CheckResult result = judge(history, "mutex");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "process b acquired the lock while process a held it");
  Request request;
  request.parameters["permits"] = "2";
  CHECK(judge(history, "semaphore", request).verdict == Verdict::pass);
  request.parameters["permits"] = "none";
  CHECK_FALSE(checker::check(history, **find_model("semaphore"), request));
}

TEST_CASE("fenced-lock: two may believe that they hold it as long as tokens grow", "[unit][checker]") {
  const auto judge_tokens = [](std::int64_t first, std::int64_t second, const char* level) {
    Rows rows("");
    rows.whole("a", "acquire", {}, number(first)).whole("b", "acquire", {}, number(second));
    const History history = std::move(rows).finish();
    return judge(history, "fenced-lock", at_level(level)).verdict;
  };
  CHECK(judge_tokens(1, 2, "linearizable") == Verdict::violated);
  CHECK(judge_tokens(1, 2, "fencing") == Verdict::pass);
  CHECK(judge_tokens(2, 1, "fencing") == Verdict::violated);
  CHECK(judge_tokens(2, 2, "fencing") == Verdict::violated);
}

TEST_CASE("unique-ids: one given twice is shown with both", "[unit][checker]") {
  Rows rows("");
  rows.whole("a", "generate", {}, number(7)).whole("b", "generate", {}, number(8));
  rows.whole("c", "generate", {}, number(7)).invoke("a", "generate");
  const History history = std::move(rows).finish();
  const CheckResult result = judge(history, "unique-ids");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "7 was given twice");
  CHECK(result.counterexample->operations.size() == 2);
  CHECK(result.numbers.at("acknowledged") == 3);
}

TEST_CASE("monotonic: in real time, or only for each process", "[unit][checker]") {
  Rows rows("");
  rows.whole("a", "generate", {}, number(5)).whole("b", "generate", {}, number(3));
  rows.whole("a", "read", {}, number(5)).whole("b", "generate", {}, number(4));
  const History history = std::move(rows).finish();
  const CheckResult result = judge(history, "monotonic");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "3 came after 5 had been given");
  CHECK(result.numbers.at("not_growing") == 2);
  CHECK(judge(history, "monotonic", at_level("per-process")).verdict == Verdict::pass);
}

TEST_CASE("log: each fault is told apart from the others", "[unit][checker]") {
  const auto judge_poll = [](std::initializer_list<std::pair<int, int>> read) {
    Rows rows("");
    rows.whole("a", "append", number(10), number(0)).whole("a", "append", number(11), number(1));
    rows.invoke("b", "append", number(12));
    std::vector<checker::Value> pairs;
    for (const auto& [offset, value] : read) pairs.push_back(rows.list({number(offset), number(value)}));
    rows.whole("c", "poll", number(0), rows.values().list(pairs));
    const History history = std::move(rows).finish();
    return judge(history, "log");
  };
  CHECK(judge_poll({{0, 10}, {1, 11}, {2, 12}}).verdict == Verdict::pass);
  CHECK(judge_poll({{0, 10}}).verdict == Verdict::pass);
  CHECK(judge_poll({{0, 10}, {2, 12}}).numbers.at("skipped") == 1);
  CHECK(judge_poll({{0, 10}, {1, 12}}).numbers.at("inconsistent") == 1);
  CHECK(judge_poll({{0, 10}, {1, 11}, {2, 13}}).numbers.at("phantom") == 1);
  CHECK(judge_poll({{0, 10}, {1, 11}, {2, 11}}).numbers.at("duplicate") == 1);
  CHECK(judge_poll({{0, 10}, {1, 11}, {0, 10}}).numbers.at("backwards") == 1);
}

TEST_CASE("log: what was acknowledged and passed by all polls was not delivered", "[unit][checker]") {
  Rows rows("");
  rows.whole("a", "append", number(10), number(0)).whole("a", "append", number(11), number(1));
  rows.whole("c", "poll", number(1), rows.list({rows.list({number(1), number(11)})}));
  const History history = std::move(rows).finish();
  CHECK(judge(history, "log").verdict == Verdict::pass);
  const CheckResult result = judge(history, "log", at_level("delivered"));
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "10 was acknowledged at offset 0, and polls read up to 1, but none read it");
}

TEST_CASE("counter: in the end it holds the sum, whatever was read on the way", "[unit][checker]") {
  const auto judge_last = [](std::int64_t last) {
    Rows rows("c");
    rows.whole("a", "add", number(2), {}).whole("b", "read", {}, number(0)).whole("a", "add", number(-1), {});
    rows.invoke("d", "add", number(5)).info("d", "add");  // nobody knows whether it counts
    rows.whole("b", "read", {}, number(last));
    return judge(std::move(rows).finish(), "counter", at_level("final")).verdict;
  };
  CHECK(judge_last(1) == Verdict::pass);
  CHECK(judge_last(6) == Verdict::pass);
  CHECK(judge_last(0) == Verdict::violated);
  CHECK(judge_last(7) == Verdict::violated);
  Rows early("c");
  early.whole("b", "read", {}, number(0)).whole("a", "add", number(2), {});
  CHECK(judge(std::move(early).finish(), "counter", at_level("final")).verdict == Verdict::undecided);
}

TEST_CASE("echo: an answer that is not what was asked is named", "[unit][checker]") {
  Rows rows("");
  rows.whole("a", "echo", number(1), number(1)).whole("a", "echo", number(2), number(3));
  rows.invoke("a", "echo", number(4));
  const CheckResult result = judge(std::move(rows).finish(), "echo");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "2 came back as 3");
  CHECK(result.numbers.at("answered") == 2);
}

}  // namespace fracas::checker::tests
