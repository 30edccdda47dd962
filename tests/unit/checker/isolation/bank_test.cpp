#include "checker/isolation/bank.h"

#include "checker/catalogue.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/history_of_rows.h"

namespace fracas::checker::tests {
namespace {

// Reads of two accounts, one after the other.
Result<CheckResult> reads(std::initializer_list<std::pair<std::int64_t, std::int64_t>> balances,
                          std::map<std::string, std::string, std::less<>> parameters = {}) {
  Rows rows("");
  for (const auto& [a, b] : balances) {
    const checker::Value pairs[] = {rows.text("a"), Rows::number(a), rows.text("b"), Rows::number(b)};
    rows.whole("c1", "read", {}, rows.values().map(pairs));
  }
  Request request;
  request.parameters = std::move(parameters);
  return check(std::move(rows).finish(), isolation::kBank, request);
}

}  // namespace

TEST_CASE("bank: every read must show the same total, and nothing below zero", "[unit][checker]") {
  CHECK(reads({{10, 0}, {4, 6}, {0, 10}})->verdict == Verdict::pass);
  CHECK(reads({{10, 0}, {12, -2}})->summary == "a read shows a balance of -2");
  CHECK(reads({{10, 0}, {12, -2}}, {{"negative", "true"}})->verdict == Verdict::pass);
  CHECK(reads({{10, 0}, {4, 5}})->summary == "a read shows 9 in all accounts together, not 10");
  CHECK(reads({{4, 5}}, {{"total", "10"}})->verdict == Verdict::violated);
  CHECK(reads({{4, 5}, {4, 6}, {3, 7}})->numbers.at("reads_of_another_total") == 2);
  CHECK(reads({})->verdict == Verdict::undecided);
}

TEST_CASE("bank: what is not of it is refused", "[unit][checker]") {
  CHECK(reads({{1, 2}}, {{"total", "ten"}}).error().message == "total is an integer, not \"ten\"");
  Rows rows("");
  rows.whole("c1", "read", {}, Rows::number(3));
  CHECK(check(std::move(rows).finish(), isolation::kBank, {}).error().message ==
        "event 2: a read answers with a map from accounts to whole balances");
  Rows other("");
  other.whole("c1", "push", Rows::number(3), {});
  CHECK(check(std::move(other).finish(), isolation::kBank, {}).error().message ==
        "event 1: a bank has read and transfer, not \"push\"");
}

}  // namespace fracas::checker::tests
