#include "checker/models/transitions.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/history_of_rows.h"

namespace fracas::checker::tests {
namespace {

// A door that can be locked while it is closed, with the key 7.
Transitions door() {
  Transitions table;
  table.name = "door";
  table.states = {"closed", "open", "locked"};
  table.rows = {{"open", {0, 1}, 1, {}, {}}, {"close", {0, 1}, 0, {}, {}}, {"lock", {0}, 2, std::int64_t{7}, {}},
                {"unlock", {2}, 0, {}, {}},  {"look", {1}, {}, {}, true},  {"look", {0, 2}, {}, {}, false}};
  return table;
}

Verdict verdict(void (*write)(Rows&)) {
  Rows rows;
  write(rows);
  const History history = std::move(rows).finish();
  const auto result = check_transitions(history, door(), {});
  REQUIRE(result);
  return result->verdict;
}

constexpr auto kYes = [] { return checker::Value::of(true); };
constexpr auto kNo = [] { return checker::Value::of(false); };

}  // namespace

TEST_CASE("transitions: an operation takes effect only from the states its rows name", "[unit][checker]") {
  CHECK(verdict([](Rows& r) { r.whole("a", "open", {}, {}).whole("b", "look", {}, kYes()); }) == Verdict::pass);
  CHECK(verdict([](Rows& r) { r.whole("a", "open", {}, {}).whole("b", "look", {}, kNo()); }) == Verdict::violated);
  CHECK(verdict([](Rows& r) { r.whole("a", "lock", Rows::number(7), {}).whole("b", "open", {}, {}); }) ==
        Verdict::violated);
  CHECK(verdict([](Rows& r) {
          r.whole("a", "lock", Rows::number(7), {}).whole("b", "unlock", {}, {}).whole("b", "open", {}, {});
        }) == Verdict::pass);
}

TEST_CASE("transitions: an argument that no row names cannot take effect", "[unit][checker]") {
  CHECK(verdict([](Rows& r) { r.whole("a", "lock", Rows::number(8), {}); }) == Verdict::violated);
}

TEST_CASE("transitions: an operation of unknown outcome may take effect later or never, a failed one does not",
          "[unit][checker]") {
  const auto open_then_look = [](auto outcome, checker::Value seen) {
    Rows rows;
    rows.invoke("a", "open");
    outcome(rows);
    rows.whole("b", "look", {}, seen);
    const History history = std::move(rows).finish();
    return check_transitions(history, door(), {})->verdict;
  };
  const auto info = [](Rows& r) { r.info("a", "open"); };
  const auto fail = [](Rows& r) { r.fail("a", "open"); };
  CHECK(open_then_look(info, kYes()) == Verdict::pass);
  CHECK(open_then_look(info, kNo()) == Verdict::pass);
  CHECK(open_then_look(fail, kYes()) == Verdict::violated);
  CHECK(open_then_look(fail, kNo()) == Verdict::pass);
}

TEST_CASE("transitions: a function that no row names is an error with the event's number", "[unit][checker]") {
  Rows rows;
  rows.whole("a", "open", {}, {}).whole("a", "paint", {}, {});
  const History history = std::move(rows).finish();
  const auto result = check_transitions(history, door(), {});
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "event 3: the model \"door\" has no \"paint\"");
}

}  // namespace fracas::checker::tests
