#include <fmt/format.h>

#include "checker/catalogue.h"
#include "checker/history/history_builder.h"
#include "checker/linearizability/key.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/event_writer.h"
#include "tests/unit/checker/history_of_rows.h"
#include "tests/unit/checker/random_history.h"

namespace fracas::checker::tests {
namespace {

using B = EventWriter;

struct Example {
  const char* what;
  std::string_view model;
  EventWriter history;
  Linearizable expected;
  Pattern pattern = Pattern::none;
};

constexpr auto kYes = Linearizable::yes;
constexpr auto kNo = Linearizable::no;

std::pair<std::int64_t, std::int64_t> change(std::int64_t from, std::int64_t to) {
  return {from, to};
}

std::vector<Example> registers() {
  constexpr std::string_view reg = "register";
  const auto f = Function::write;
  return {
      {"nothing happened", reg, B(), kYes},
      {"nil at first", reg, B().read("a", kNil).write("b", 1).read("a", 1), kYes},
      {"a write in flight is seen by one and then by the other", reg,
       B().invoke("a", f, 1).read("b", kNil).read("c", 1).read("b", 1).ok("a", f, 1), kYes},
      {"a write in flight is seen and then not", reg, B().invoke("a", f, 1).read("b", 1).read("c", kNil).ok("a", f, 1),
       kNo, Pattern::stale_read},
      {"phantom read", reg, B().write("a", 1).read("b", 2), kNo, Pattern::phantom_read},
      {"a failed write is seen", reg, B().invoke("a", f, 2).fail("a", f, 2).read("b", 2), kNo, Pattern::phantom_read},
      {"future read", reg, B().read("b", 2).write("a", 2), kNo, Pattern::future_read},
      {"stale read", reg, B().write("a", 1).write("a", 2).read("b", 1), kNo, Pattern::stale_read},
      {"stale read of nil", reg, B().write("a", 1).read("b", kNil), kNo, Pattern::stale_read},
      {"a write of unknown outcome may come late", reg,
       B().invoke("a", f, 1).info("a", f, 1).read("b", kNil).write("b", 2).read("b", 2).read("b", 1), kYes},
      {"a write of unknown outcome cannot come twice", reg,
       B().invoke("a", f, 1).info("a", f, 1).read("b", 1).write("b", 2).read("b", 1), kNo, Pattern::clusters},
      {"a write nobody completed may be seen", reg, B().invoke("a", f, 1).read("b", 1), kYes},
      {"two values alternate", reg,
       B().invoke("a", f, 1).invoke("b", f, 2).read("c", 1).read("c", 2).read("c", 1).ok("a", f, 1).ok("b", f, 2), kNo,
       Pattern::clusters},
      {"two writes of one value may alternate with another", reg,
       B().invoke("a", f, 1).invoke("b", f, 2).invoke("d", f, 1).read("c", 1).read("c", 2).read("c", 1), kYes},
      {"two writes of one value, read once too often", reg,
       B().invoke("a", f, 1).invoke("b", f, 2).invoke("d", f, 1).read("c", 1).read("c", 2).read("c", 1).read("c", 2).ok(
           "a", f, 1),
       kNo},
  };
}

std::vector<Example> compares() {
  constexpr std::string_view cas = "cas-register";
  const auto f = Function::cas;
  return {
      {"a chain", cas, B().write("a", 1).cas("b", 1, 2).cas("a", 2, 3).read("c", 3), kYes},
      {"from a value that is gone", cas, B().write("a", 1).write("a", 2).cas("b", 1, 3), kNo, Pattern::stale_read},
      {"from a value nobody wrote", cas, B().cas("b", 1, 3), kNo, Pattern::phantom_read},
      {"two succeed from one value", cas,
       B().write("a", 1)
           .invoke("a", f, change(1, 2))
           .invoke("b", f, change(1, 3))
           .ok("a", f, change(1, 2))
           .ok("b", f, change(1, 3)),
       kNo, Pattern::clusters},
      {"two succeed from one value written twice", cas,
       B().write("a", 1)
           .invoke("a", f, change(1, 2))
           .invoke("b", f, change(1, 3))
           .invoke("c", Function::write, 1)
           .ok("a", f, change(1, 2))
           .ok("b", f, change(1, 3)),
       kYes},
      {"a failed one changes nothing", cas,
       B().write("a", 1).invoke("b", f, change(1, 2)).fail("b", f, change(1, 2)).read("c", 1), kYes},
      {"one of unknown outcome may be needed by the next", cas,
       B().write("a", 1).invoke("b", f, change(1, 2)).info("b", f, change(1, 2)).cas("c", 2, 3).read("a", 3), kYes},
  };
}

std::vector<Example> lists() {
  constexpr std::string_view l = "list-append";
  const auto f = Function::append;
  return {
      {"in order", l, B().read("a", list({})).append("a", 1).append("b", 2).read("c", list({1, 2})), kYes},
      {"concurrent appends in either order", l,
       B().invoke("a", f, 1).invoke("b", f, 2).ok("a", f, 1).ok("b", f, 2).read("c", list({2, 1})), kYes},
      {"phantom element", l, B().append("a", 1).read("b", list({1, 7})), kNo, Pattern::phantom_read},
      {"duplicate element", l, B().append("a", 1).read("b", list({1, 1})), kNo, Pattern::duplicate_element},
      {"lists disagree", l, B().invoke("a", f, 1).invoke("b", f, 2).read("c", list({1})).read("c", list({2, 1})), kNo,
       Pattern::incompatible_reads},
      {"lost append", l, B().append("a", 1).append("a", 2).read("b", list({1})), kNo, Pattern::lost_append},
      {"list shrank", l, B().invoke("a", f, 1).read("b", list({1})).read("b", list({})), kNo, Pattern::shrinking_read},
      {"future element", l, B().read("b", list({1})).append("a", 1), kNo, Pattern::future_read},
      {"swapped appends", l, B().append("a", 1).append("b", 2).read("c", list({2, 1})), kNo, Pattern::append_order},
      {"an append of unknown outcome that is never seen", l,
       B().invoke("a", f, 1).info("a", f, 1).append("b", 2).read("c", list({2})), kYes},
      {"an element appended twice by two calls", l, B().append("a", 1).append("b", 1).read("c", list({1, 1})), kYes},
      {"one of two equal appends is lost", l, B().append("a", 1).append("b", 1).read("c", list({1})), kNo},
  };
}

Finding decide(const Example& example) {
  const auto history = history_of(example.history.events());
  REQUIRE(history);
  const Partition keys = Partition::by_key(*history);
  if (keys.size() == 0) return {};
  const KeyRules rules{.reg = {.cas = example.model == "cas-register"}, .list = example.model == "list-append"};
  const auto finding = decide_key(*history, keys[0], rules, {});
  REQUIRE(finding);
  return *finding;
}

Result<CheckResult> check(const std::vector<Event>& events, std::string_view model, const Request& request = {}) {
  const auto history = history_of(events);
  REQUIRE(history);
  return checker::check(*history, **find_model(model), request);
}

Request with(const Budget& budget) {
  Request request;
  request.budget = budget;
  return request;
}

// A contended register without unique values: nothing but the search decides it.
std::vector<Event> contended(std::size_t operations) {
  return RandomHistory({.cas = true, .clients = 8, .operations = operations, .values = 3, .info = 0.02, .falsify = 0},
                       RandomStream(7, "contended"))
      .make();
}

}  // namespace

TEST_CASE("linearizability: small histories get their known verdicts and patterns", "[unit][checker]") {
  for (const auto& table : {registers(), compares(), lists()})
    for (const Example& example : table) {
      INFO(example.model << ": " << example.what);
      const Finding finding = decide(example);
      CHECK(finding.linearizable == example.expected);
      CHECK(finding.pattern == example.pattern);
    }
}

TEST_CASE("linearizability: an operation that is not of the model is an error with the event's number",
          "[unit][checker]") {
  const auto error = [](const EventWriter& history, std::string_view model) {
    const auto result = check(history.events(), model);
    return result ? std::string("no error") : result.error().message;
  };
  CHECK(error(B().cas("a", 1, 2), "register") == "event 1: the model \"register\" has no \"cas\"");
  CHECK(error(B().append("a", 1), "cas-register") == "event 1: the model \"cas-register\" has no \"append\"");
  CHECK(error(B().write("a", 1), "list-append") == "event 1: the model \"list-append\" has no \"write\"");
  CHECK(error(B().whole("a", Function::cas, 1), "cas-register") ==
        "event 1: the value of this cas is not a pair of an expected and a new value");
  CHECK(error(B().read("a", 5), "list-append") == "event 2: the value of this read is not a list");
}

TEST_CASE("linearizability: a budget that runs out gives undecided and says which", "[unit][checker]") {
  const auto events = contended(400);
  const auto enough = check(events, "cas-register");
  REQUIRE(enough);
  CHECK(enough->verdict == Verdict::pass);
  const auto few = check(events, "cas-register", with(Budget{.configurations_per_key = 50}));
  REQUIRE(few);
  CHECK(few->verdict == Verdict::undecided);
  CHECK(
      few->summary.starts_with("undecided: key k: the budget of 50 configurations is used up; there is an order for"));
  const auto small = check(events, "cas-register", with(Budget{.bytes_per_key = 1000}));
  REQUIRE(small);
  CHECK(small->verdict == Verdict::undecided);
  CHECK(small->summary.find("the memory budget of 0 MiB") != std::string::npos);
}

TEST_CASE("linearizability: a write of unknown outcome may hide another, though it leaves the state as it is",
          "[unit][checker]") {
  // d's write of 2 is hidden by b's write of nil, so that a's compare-and-set finds nil and its 3 is still there later.
  Rows rows;
  const checker::Value nil, pair = rows.list({nil, Rows::number(3)});
  rows.invoke("b", "write").invoke("a", "cas", pair).invoke("d", "write", Rows::number(2)).ok("a", "cas", pair);
  rows.ok("d", "write", Rows::number(2)).whole("a", "read", {}, Rows::number(3));
  const auto result = checker::check(std::move(rows).finish(), **find_model("cas-register"), {});
  REQUIRE(result);
  CHECK(result->verdict == Verdict::pass);
}

TEST_CASE("linearizability: keys are judged apart, and one violated key is enough", "[unit][checker]") {
  EventWriter history("fine");
  for (int i = 0; i < 50; ++i) history.key(fmt::format("k{}", i)).write("a", 1).read("b", 1);
  const auto pass = check(history.events(), "register");
  REQUIRE(pass);
  CHECK(pass->verdict == Verdict::pass);
  CHECK(pass->numbers.at("keys") == 50);
  history.key("k30").write("a", 2).read("b", 1);
  const auto violated = check(history.events(), "register", with(Budget{.threads = 4}));
  REQUIRE(violated);
  CHECK(violated->verdict == Verdict::violated);
  CHECK(violated->numbers.at("keys_violated") == 1);
  REQUIRE(violated->counterexample);
  CHECK(violated->counterexample->key == "k30");
}

TEST_CASE("linearizability: a long contended history is decided within the default budget", "[unit][checker]") {
  auto events = contended(5000);
  const auto pass = check(events, "cas-register");
  REQUIRE(pass);
  CHECK(pass->verdict == Verdict::pass);
  CHECK(pass->numbers.at("configurations") > 0);
}

}  // namespace fracas::checker::tests
