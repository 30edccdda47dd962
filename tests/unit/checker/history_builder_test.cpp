#include "checker/history/history_builder.h"

#include <array>
#include <string>
#include <vector>

#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::checker;

namespace {

EventRow row(HistoryBuilder& builder, std::string_view process, model::EventType type, std::int64_t time_ns = 0) {
  EventRow event;
  event.process = builder.process(process);
  event.type = type;
  event.time_ns = time_ns;
  return event;
}

}  // namespace

TEST_CASE("values: equal contents are equal values, and come back as they went in", "[unit][checker]") {
  Values values;
  const std::array inner{Value::of(std::int64_t{-1}), values.text("a"), Value{}};
  const Value list = values.list(inner);
  const std::array outer{list, values.list(inner), values.list({})};
  CHECK(outer[0] == outer[1]);
  CHECK(list != outer[2]);
  CHECK(values.text("a") == values.text("a"));
  CHECK(values.text("a") != values.text("b"));
  CHECK(values.text("7") != values.number("7"));
  CHECK(values.describe(values.list(outer)) == "[[-1 \"a\" nil] [-1 \"a\" nil] []]");
  CHECK(values.describe(values.map(std::array{Value::of(std::int64_t{1}), Value::of(true)})) == "{1 true}");
}

TEST_CASE("values: integers keep their 64 bits", "[unit][checker]") {
  Values values;
  for (const std::int64_t number : {std::int64_t{0}, Value::kIntegerMax, Value::kIntegerMin, Value::kIntegerMax + 1,
                                    std::numeric_limits<std::int64_t>::min()})
    CHECK(values.describe(values.integer(number)) == std::to_string(number));
  CHECK(values.integer(Value::kIntegerMin).integer() == Value::kIntegerMin);
}

TEST_CASE("values: ten thousand texts and lists are stored once each", "[unit][checker]") {
  Values values;
  std::vector<Value> texts, lists;
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 10'000; ++i) {
      const Value text = values.text("t" + std::to_string(i));
      const Value list = values.list(std::array{text, Value::of(std::int64_t{i})});
      if (round == 0) {
        texts.push_back(text);
        lists.push_back(list);
      } else {
        REQUIRE(texts[static_cast<std::size_t>(i)] == text);
        REQUIRE(lists[static_cast<std::size_t>(i)] == list);
      }
    }
}

TEST_CASE("functions: other spellings mean the same, unknown ones get numbers of their own", "[unit][checker]") {
  Functions functions;
  CHECK(*functions.intern("get") == Function::read);
  const Function own = *functions.intern("renew");
  CHECK(own >= Function::kOwn);
  CHECK(*functions.intern("renew") == own);
  CHECK(functions.name(own) == "renew");
  CHECK(functions.name(Function::poll) == "poll");
}

TEST_CASE("history builder: events are paired into operations", "[unit][checker]") {
  HistoryBuilder builder;
  auto write = row(builder, "c1", model::EventType::invoke, 10);
  write.function = Function::write;
  write.key = builder.values().text("k");
  write.value = Value::of(std::int64_t{1});
  write.node = builder.node("n1");
  REQUIRE(builder.add(write));
  REQUIRE(builder.add(row(builder, "c2", model::EventType::invoke, 20)));
  write.type = model::EventType::ok;
  write.time_ns = 30;
  write.node = builder.node("n2");
  REQUIRE(builder.add(write));
  const History history = std::move(builder).finish();
  REQUIRE(history.operations.size() == 2);
  CHECK(history.operations[0].return_ns == 30);
  CHECK(history.operations[0].outcome == Outcome::ok);
  CHECK(history.node_of(history.operations[0]) == "n2");
  CHECK(history.operations[1].outcome == Outcome::info);
  CHECK(history.operations[1].return_ns == kNever);
  CHECK(history.operations[1].completion == kNone);
}

TEST_CASE("history builder: a history that breaks its own rules is refused", "[unit][checker]") {
  HistoryBuilder builder;
  REQUIRE(builder.add(row(builder, "c1", model::EventType::invoke, 10)));
  SECTION("a second open operation") {
    CHECK(builder.add(row(builder, "c1", model::EventType::invoke, 11)).error().message ==
          "process c1 invokes a second operation while its read of event 1 is open");
  }
  SECTION("a completion without an invocation") {
    CHECK(builder.add(row(builder, "c2", model::EventType::ok, 11)).error().message ==
          "process c2 has \"ok\" without an invocation");
  }
  SECTION("time that goes back") {
    CHECK(builder.add(row(builder, "c1", model::EventType::ok, 9)).error().message ==
          "its time 9 is before the 10 of the event before it");
  }
  SECTION("another function") {
    auto completion = row(builder, "c1", model::EventType::ok, 11);
    completion.function = Function::cas;
    CHECK(builder.add(completion).error().message == "process c1 completes a cas but has a read open");
  }
  SECTION("another key") {
    auto completion = row(builder, "c1", model::EventType::ok, 11);
    completion.key = builder.values().text("k");
    CHECK(builder.add(completion).error().message ==
          "process c1 completes an operation on key \"k\" but has one on key nil open");
  }
}
