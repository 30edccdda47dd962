#include "lib/model/history.h"

#include <sstream>

#include "tests/catch/catch.h"

namespace fracas::model {

TEST_CASE("history: an event survives being written and read", "[unit][model]") {
  const Event events[] = {
      {1, "c1", EventType::invoke, Function::read, "k", {}, "n1", {}},
      {2, "c1", EventType::ok, Function::read, "k", std::int64_t{-7}, "n2", {}},
      {3, "c\"2\\", EventType::fail, Function::cas, "", std::pair<std::int64_t, std::int64_t>(1, 2), {}, "mismatch"},
      {4, "c3", EventType::info, Function::append, "k", std::int64_t{9}, {}, "timeout"},
      {5, "c4", EventType::ok, Function::read, "k", std::vector<std::int64_t>{1, 2}, {}, {}},
      {6, "c5", EventType::ok, Function::read, "k", std::vector<std::int64_t>{}, {}, {}},
      {7, "c5", EventType::invoke, Function::txn, "", Json{R"([["append",1,2],["r",1,null]])"}, {}, {}},
      {8, "c5", EventType::ok, Function::generate, "", Json{R"("n1-7")"}, {}, {}},
      {9, "c6", EventType::ok, Function::cas, "k", Json{"[1,null]"}, {}, {}},
  };
  for (const Event& event : events) {
    const auto read = parse_event(to_json_line(event));
    REQUIRE(read);
    CHECK(*read == event);
  }
}

TEST_CASE("history: other tools' numbers for processes and extra members are read", "[unit][model]") {
  const auto event =
      parse_event(R"({"index":4,"time":7,"process":3,"type":"ok","f":"write","key":5,"value":1,"x":[]})");
  REQUIRE(event);
  CHECK(event->process == "3");
  CHECK(event->key == "5");
}

TEST_CASE("history: what is wrong with a line is said with its number", "[unit][model]") {
  const struct {
    const char* line;
    const char* message;
  } cases[] = {
      {"nonsense", "line 2: not a JSON object"},
      {R"({"process":"a","type":"ok","f":"read"})", "line 2: \"time\" (nanoseconds) is missing"},
      {R"({"time":1,"type":"ok","f":"read"})", "line 2: \"process\" is missing"},
      {R"({"time":1,"process":"a","type":"done","f":"read"})",
       "line 2: \"type\" is \"done\", not invoke, ok, fail or info"},
      {R"({"time":1,"process":"a","type":"ok","f":"take"})",
       "line 2: \"f\" is \"take\", not one of read, write, cas, append, delete, add, enqueue, dequeue, drain, acquire, "
       "release, generate, txn, transfer, poll, echo, increment"},
  };
  for (const auto& example : cases) {
    std::istringstream in("\n" + std::string(example.line) + "\n");
    const auto history = read_history(in);
    REQUIRE_FALSE(history);
    CHECK(history.error().message == example.message);
  }
}

TEST_CASE("history: faults recorded by other tools are skipped", "[unit][model]") {
  std::istringstream in(R"({"time":1,"process":"nemesis","type":"info","f":"partition","value":["n3"]}
{"time":2,"process":"a","type":"invoke","f":"read","key":"nemesis"}
)");
  const auto history = read_history(in);
  REQUIRE(history);
  REQUIRE(history->size() == 1);
  CHECK(history->front().time_ns == 2);
}

}  // namespace fracas::model
