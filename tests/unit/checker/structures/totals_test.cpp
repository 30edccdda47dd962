#include "checker/catalogue.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/history_of_rows.h"

namespace fracas::checker::tests {
namespace {

checker::Value number(std::int64_t value) {
  return Rows::number(value);
}

CheckResult judge(const History& history, std::string_view model, std::string level = "") {
  Request request;
  request.level = std::move(level);
  const auto result = checker::check(history, **find_model(model), request);
  REQUIRE(result);
  return *result;
}

}  // namespace

TEST_CASE("total-queue: lost, duplicated, unexpected and recovered values are counted", "[unit][checker]") {
  Rows rows("");
  rows.invoke("a", "enqueue", number(1));  // never answers, and comes out
  rows.whole("b", "enqueue", number(2), {}).whole("b", "enqueue", number(3), {});
  rows.whole("c", "dequeue", {}, number(9)).whole("c", "dequeue", {}, number(3)).whole("c", "dequeue", {}, number(3));
  rows.whole("d", "drain", {}, rows.list({number(1)}));
  const History history = std::move(rows).finish();
  const CheckResult result = judge(history, "total-queue");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "2 was acknowledged and never came out");
  CHECK(result.numbers.at("acknowledged") == 2);
  CHECK(result.numbers.at("lost") == 1);
  CHECK(result.numbers.at("duplicated") == 1);
  CHECK(result.numbers.at("unexpected") == 1);
  CHECK(result.numbers.at("recovered") == 1);
}

TEST_CASE("total-queue: each level refuses what it promises, and nothing else", "[unit][checker]") {
  Rows twice("");
  twice.whole("a", "enqueue", number(1), {}).whole("b", "dequeue", {}, number(1)).whole("b", "dequeue", {}, number(1));
  const History duplicated = std::move(twice).finish();
  CHECK(judge(duplicated, "total-queue", "at-least-once").verdict == Verdict::pass);
  CHECK(judge(duplicated, "total-queue", "at-most-once").verdict == Verdict::violated);
  CHECK(judge(duplicated, "total-queue", "exactly-once").verdict == Verdict::violated);
  Rows never("");
  never.whole("a", "enqueue", number(1), {}).whole("b", "dequeue", {}, {});
  const History lost = std::move(never).finish();
  CHECK(judge(lost, "total-queue", "at-least-once").verdict == Verdict::violated);
  CHECK(judge(lost, "total-queue", "at-most-once").verdict == Verdict::pass);
  CHECK(judge(lost, "total-queue", "exactly-once").verdict == Verdict::violated);
  Rows early("");
  early.whole("b", "dequeue", {}, number(1)).whole("a", "enqueue", number(1), {});
  const History before = std::move(early).finish();
  CHECK(judge(before, "total-queue", "at-least-once").verdict == Verdict::pass);
  CHECK(judge(before, "total-queue", "at-most-once").summary == "1 came out before it was put in");
}

TEST_CASE("set-full: an element is stable, stale, lost or never read", "[unit][checker]") {
  Rows rows("");
  rows.whole("a", "add", number(1), {}).whole("a", "add", number(2), {});
  rows.whole("r", "read", {}, rows.list({number(1)}));
  rows.whole("a", "add", number(3), {});
  rows.invoke("b", "add", number(4));
  rows.whole("r", "read", {}, rows.list({number(1), number(2), number(3)}));
  const History good = std::move(rows).finish();
  const CheckResult result = judge(good, "set-full");
  CHECK(result.verdict == Verdict::pass);
  CHECK(result.numbers.at("stable") == 3);
  CHECK(result.numbers.at("stale") == 1);
  CHECK(result.numbers.at("never_read") == 1);
  CHECK(result.numbers.at("visible_max_ms") == 1);
  const CheckResult immediate = judge(good, "set-full", "immediate");
  CHECK(immediate.verdict == Verdict::violated);
  CHECK(immediate.summary == "a read lacked 2, which was known to be there before it began");
}

TEST_CASE("set-full: what reads have shown and then lack is lost, whoever added it", "[unit][checker]") {
  Rows rows("");
  rows.invoke("b", "add", number(4)).whole("a", "add", number(1), {});
  rows.whole("r", "read", {}, rows.list({number(1), number(4)})).whole("r", "read", {}, rows.list({number(1)}));
  const History history = std::move(rows).finish();
  const CheckResult result = judge(history, "set-full");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "4 was seen by a read, but the last read lacks it");
  CHECK(judge(history, "set-full", "last-read").verdict == Verdict::pass);
}

TEST_CASE("set-full: a read that overlaps the add says nothing of it", "[unit][checker]") {
  Rows rows("");
  rows.invoke("r", "read").whole("a", "add", number(1), {}).ok("r", "read", rows.list({}));
  const History history = std::move(rows).finish();
  const CheckResult result = judge(history, "set-full");
  CHECK(result.verdict == Verdict::undecided);
  CHECK(result.numbers.at("never_read") == 1);
  CHECK(judge(history, "set-full", "last-read").verdict == Verdict::pass);
}

TEST_CASE("set-full: nothing is asked of a key without a known element, where others have one", "[unit][checker]") {
  for (const bool another : {false, true}) {
    Rows rows("k1");
    rows.invoke("b", "add", number(1)).whole("r", "read", {}, rows.list({}));
    if (another) rows.key("k2").whole("a", "add", number(1), {}).whole("r", "read", {}, rows.list({number(1)}));
    const History history = std::move(rows).finish();
    CHECK(judge(history, "set-full").verdict == (another ? Verdict::pass : Verdict::undecided));
  }
}

TEST_CASE("set-full: elements out of nothing, and those a read shows twice, are refused", "[unit][checker]") {
  Rows rows("");
  rows.whole("a", "add", number(1), {}).whole("r", "read", {}, rows.list({number(1), number(1), number(7)}));
  const History history = std::move(rows).finish();
  for (const char* level : {"eventual", "immediate", "last-read"}) {
    const CheckResult result = judge(history, "set-full", level);
    CHECK(result.verdict == Verdict::violated);
    CHECK(result.numbers.at("duplicated") == 1);
    CHECK(result.numbers.at("unexpected") == 1);
  }
}

TEST_CASE("siblings: what was acknowledged survives until a write that had seen it replaces it", "[unit][checker]") {
  const auto judge_end = [](std::initializer_list<std::int64_t> first, std::initializer_list<std::int64_t> second) {
    Rows rows("k");
    const auto list = [&](std::initializer_list<std::int64_t> values) {
      std::vector<checker::Value> elements;
      for (const std::int64_t value : values) elements.push_back(number(value));
      return rows.values().list(elements);
    };
    rows.whole("a", "write", number(1), {}).whole("b", "write", number(2), {});
    rows.whole("a", "read", {}, list({1})).whole("a", "write", number(3), {});  // replaces 1 alone
    rows.whole("c", "read", {}, list(first)).whole("d", "read", {}, list(second));
    const History history = std::move(rows).finish();
    return judge(history, "siblings");
  };
  CHECK(judge_end({2, 3}, {3, 2}).verdict == Verdict::pass);
  CHECK(judge_end({3}, {3}).summary == "key k: 2 was acknowledged and nothing replaced it, but it is gone");
  CHECK(judge_end({1, 2, 3}, {2, 3}).numbers.at("resurrected") == 1);
  CHECK(judge_end({2, 3}, {2}).numbers.at("diverged") == 1);
  CHECK(judge_end({2, 3, 9}, {2, 3, 9}).verdict == Verdict::violated);
}

TEST_CASE("siblings: nobody can tell what survives where nobody reads at the end", "[unit][checker]") {
  Rows rows("k");
  rows.whole("c", "read", {}, rows.list({})).whole("a", "write", number(1), {});
  const History history = std::move(rows).finish();
  CHECK(judge(history, "siblings").verdict == Verdict::undecided);
  CHECK(judge(history, "siblings", "survives").verdict == Verdict::undecided);
}

}  // namespace fracas::checker::tests
