#include "checker/history/operations.h"

#include "tests/catch/catch.h"
#include "tests/unit/checker/history_builder.h"

namespace fracas::checker::tests {

TEST_CASE("pair_events: invocations and completions become operations", "[unit][checker]") {
  HistoryBuilder history;
  history.invoke("a", Function::write, 1).invoke("b", Function::read).ok("a", Function::write, 1);
  history.info("b", Function::read).invoke("c", Function::cas, std::pair<std::int64_t, std::int64_t>(1, 2));
  history.fail("c", Function::cas, std::pair<std::int64_t, std::int64_t>(1, 2)).invoke("a", Function::read);
  const auto operations = pair_events(history.events());
  REQUIRE(operations);
  REQUIRE(operations->all.size() == 4);
  const auto& all = operations->all;
  CHECK(all[0].outcome == Outcome::ok);
  CHECK(all[0].invoke_ns == 1'000'000);
  CHECK(all[0].return_ns == 3'000'000);
  CHECK(operations->argument(all[0]) == Value{1});
  CHECK(operations->node(all[0]) == "n1");
  CHECK(all[1].outcome == Outcome::info);
  CHECK(all[1].return_ns == kNever);
  CHECK(all[2].outcome == Outcome::fail);
  CHECK(all[3].outcome == Outcome::info);
  CHECK(all[3].completion == kNone);
  CHECK(split_by_key(*operations)[0] == std::vector<std::uint32_t>{0, 1, 3});
}

TEST_CASE("pair_events: a malformed history is refused with the event's number", "[unit][checker]") {
  const auto error = [](HistoryBuilder& history) {
    const auto operations = pair_events(history.events());
    return operations ? std::string() : operations.error().message;
  };
  HistoryBuilder orphan, doubled, changed, moved;
  orphan.read("a", kNil).ok("a", Function::read);
  doubled.invoke("a", Function::read).invoke("b", Function::read).invoke("a", Function::write, 1);
  changed.invoke("a", Function::read).ok("a", Function::write, 1);
  moved.invoke("a", Function::read).key("other").ok("a", Function::read);
  CHECK(error(orphan) == "event 3: process a has \"ok\" without an invocation");
  CHECK(error(doubled) == "event 3: process a invokes a second operation while its read of event 1 is open");
  CHECK(error(changed) == "event 2: process a completes a write but has a read open");
  CHECK(error(moved) == "event 2: process a completes an operation on key \"other\" but has one on key \"k\" open");
  std::vector<Event> backwards = HistoryBuilder().read("a", kNil).events();
  backwards[1].time_ns = 5;
  const auto operations = pair_events(backwards);
  REQUIRE_FALSE(operations);
  CHECK(operations.error().message == "event 2: its time 5 is before the 1000000 of the event before it");
}

}  // namespace fracas::checker::tests
