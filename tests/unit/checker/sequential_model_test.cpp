#include <fmt/format.h>

#include "checker/catalogue.h"
#include "checker/explain/model_violation.h"
#include "checker/history/partition.h"
#include "checker/linearizability/check_model.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/brute_force.h"
#include "tests/unit/checker/history_of_rows.h"
#include "tests/unit/checker/plain_models.h"
#include "tests/unit/checker/random_history.h"

namespace fracas::checker::tests {
namespace {

struct Family {
  const char* name;
  RandomHistoryOptions options;
};

Result<CheckResult> check_plain(const History& history, const RandomHistoryOptions& options, const Request& request) {
  if (options.lists) return check_model(history, request, PlainList{&history}, {.name = "plain-list"});
  return check_model(history, request, PlainRegister{&history}, {.name = "plain-register"});
}

std::vector<std::uint32_t> core_of(const History& history, const RandomHistoryOptions& options, FailMeans fail) {
  const AnyModel model = options.lists ? any_model(PlainList{&history}) : any_model(PlainRegister{&history});
  Finding finding;
  finding.linearizable = Linearizable::no;
  return minimize_model(history, Partition::whole(history)[0], model, finding, fail);
}

CheckResult check_named(const History& history, std::string_view model, const Request& request = {}) {
  const auto result = checker::check(history, **find_model(model), request);
  REQUIRE(result);
  return *result;
}

}  // namespace

TEST_CASE("sequential model: the search agrees with trying all orders, and its cores stay refused alone",
          "[unit][checker]") {
  const Family families[] = {
      {"cas-register", {.cas = true, .info = 0.3}},
      {"cas-register, failures saw a mismatch", {.cas = true, .mismatch = true, .clients = 4, .operations = 8}},
      {"list-append", {.lists = true, .unique = true, .clients = 4, .info = 0.3}},
      {"list-append, repeated elements", {.lists = true, .info = 0.3, .falsify = 0.3}},
  };
  for (const Family& family : families) {
    int violated = 0;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
      INFO(family.name << ", seed " << seed);
      const auto history = history_of(RandomHistory(family.options, RandomStream(seed, "model")).make());
      REQUIRE(history);
      const Partition whole = Partition::whole(*history);
      const auto group = whole[0];
      const std::vector<checker::Value> start =
          family.options.lists ? std::vector<checker::Value>{} : std::vector<checker::Value>{checker::Value{}};
      const bool mismatch = family.options.mismatch;
      const bool expected = BruteForce(*history, group, mismatch).linearizable(start);
      Request request;
      request.fail = mismatch ? FailMeans::mismatch : FailMeans::did_not_happen;
      const auto result = check_plain(*history, family.options, request);
      REQUIRE(result);
      REQUIRE((result->verdict == Verdict::pass) == expected);
      if (expected) continue;
      ++violated;
      const auto core = core_of(*history, family.options, request.fail);
      REQUIRE_FALSE(core.empty());
      REQUIRE_FALSE(BruteForce(*history, core, mismatch).linearizable(start));
    }
    CHECK(violated > 50);
  }
}

TEST_CASE("key-value: put, get, append, cas and delete are those of a store of texts", "[unit][checker]") {
  const auto verdict = [](auto&& write) {
    Rows rows;
    write(rows);
    const History history = std::move(rows).finish();
    return check_named(history, "key-value").verdict;
  };
  CHECK(verdict([](Rows& r) {
          r.whole("a", "get", {}, r.text("")).whole("a", "append", r.text("x"), {}).whole("b", "get", {}, r.text("x"));
        }) == Verdict::pass);
  CHECK(verdict([](Rows& r) {
          r.whole("a", "put", r.text("x"), {}).whole("b", "append", r.text("y"), {});
          r.whole("b", "get", {}, r.text("xy")).whole("a", "delete", {}, {}).whole("b", "get", {}, {});
        }) == Verdict::pass);
  CHECK(verdict([](Rows& r) {
          r.whole("a", "append", r.text("x"), {}).whole("b", "append", r.text("y"), {});
          r.whole("b", "get", {}, r.text("yx"));
        }) == Verdict::violated);
  CHECK(verdict([](Rows& r) {
          r.invoke("a", "append", r.text("x")).invoke("b", "append", r.text("y")).ok("a", "append").ok("b", "append");
          r.whole("b", "get", {}, r.text("yx"));
        }) == Verdict::pass);
  CHECK(verdict([](Rows& r) {
          r.whole("a", "put", r.text("x"), {}).whole("b", "cas", r.list({r.text("x"), r.text("z")}), {});
          r.whole("b", "get", {}, r.text("x"));
        }) == Verdict::violated);
}

TEST_CASE("key-value: an append that a delete may have hidden does not stand for the same one after it",
          "[unit][checker]") {
  Rows rows;
  rows.invoke("a", "append", rows.text("x")).invoke("b", "append", rows.text("y")).whole("c", "delete", {}, {});
  rows.invoke("c", "append", rows.text("x")).ok("b", "append").ok("a", "append").ok("c", "append");
  rows.whole("b", "get", {}, rows.text("xy"));
  CHECK(check_named(std::move(rows).finish(), "key-value").verdict == Verdict::pass);
}

TEST_CASE("key-value: its proof names the operation that no order explains", "[unit][checker]") {
  Rows rows("3");
  for (int i = 0; i < 20; ++i) rows.whole("a", "append", rows.text("x"), {});
  rows.whole("b", "get", {}, rows.text("y"));
  for (int i = 0; i < 20; ++i) rows.whole("a", "put", rows.text("z"), {});
  const History history = std::move(rows).finish();
  const CheckResult result = check_named(history, "key-value");
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary == "key 3: no order of these 1 operations explains b's read \"y\" from n1");
  REQUIRE(result.counterexample);
  CHECK(result.counterexample->operations.size() == 1);
}

TEST_CASE("multi-register: a transaction reads and writes its keys at one moment", "[unit][checker]") {
  const auto verdict = [](checker::Value (*first)(Rows&), checker::Value (*second)(Rows&)) {
    Rows rows("");
    const auto writes = rows.list({rows.list({rows.text("w"), rows.text("x"), Rows::number(1)}),
                                   rows.list({rows.text("w"), rows.text("y"), Rows::number(1)})});
    rows.invoke("a", "txn", writes);
    rows.whole("b", "txn", first(rows), first(rows)).whole("b", "txn", second(rows), second(rows));
    rows.ok("a", "txn", writes);
    const History history = std::move(rows).finish();
    return check_named(history, "multi-register").verdict;
  };
  const auto none = [](Rows& r) {
    return r.list({r.list({r.text("r"), r.text("x"), {}}), r.list({r.text("r"), r.text("y"), {}})});
  };
  const auto half = [](Rows& r) {
    return r.list({r.list({r.text("r"), r.text("x"), Rows::number(1)}), r.list({r.text("r"), r.text("y"), {}})});
  };
  const auto both = [](Rows& r) {
    return r.list(
        {r.list({r.text("r"), r.text("y"), Rows::number(1)}), r.list({r.text("r"), r.text("x"), Rows::number(1)})});
  };
  CHECK(verdict(none, both) == Verdict::pass);
  CHECK(verdict(both, both) == Verdict::pass);
  CHECK(verdict(both, none) == Verdict::violated);
  CHECK(verdict(none, half) == Verdict::violated);
}

TEST_CASE("sequential model: an operation that is not of the model is an error with the event's number",
          "[unit][checker]") {
  Rows rows;
  rows.whole("a", "put", rows.text("x"), {}).whole("a", "enqueue", rows.text("x"), {});
  const History history = std::move(rows).finish();
  const auto result = checker::check(history, **find_model("key-value"), {});
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "event 3: the model \"key-value\" has no \"enqueue\"");
}

}  // namespace fracas::checker::tests
