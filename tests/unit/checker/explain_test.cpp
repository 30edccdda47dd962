#include "checker/catalogue.h"
#include "checker/explain/fault_context.h"
#include "checker/explain/lanes.h"
#include "checker/history/history_builder.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/event_writer.h"
#include "tests/unit/checker/random_history.h"

namespace fracas::checker::tests {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

CheckResult check(const std::vector<Event>& events, std::string_view model,
                  std::vector<model::FaultWindow> faults = {}) {
  const auto history = history_of(events);
  REQUIRE(history);
  Request request;
  request.faults = faults;
  const auto result = checker::check(*history, **find_model(model), request);
  REQUIRE(result);
  return *result;
}

model::FaultWindow partition(std::int64_t start_ms, std::int64_t end_ms) {
  return {"ring#1", "ring", "net.partition", "n1 n2 | n3", start_ms * kMillisecond, end_ms * kMillisecond, {}};
}

}  // namespace

TEST_CASE("explain: a stale read is one sentence with its operations and its fault", "[unit][checker]") {
  EventWriter history("k3");
  for (int i = 1; i <= 100; ++i) history.write("c1", i).read("c2", i);
  history.write("c2", 200).pause_ms(311).read("c4", 100);
  for (int i = 300; i <= 400; ++i) history.write("c1", i).read("c2", i);
  const auto result = check(history.events(), "register", {partition(402, 2000)});
  CHECK(result.verdict == Verdict::violated);
  CHECK(result.summary ==
        "stale read: key k3: c4 read 100 from n1 although c2's write 200 had been acknowledged 312 ms earlier");
  REQUIRE(result.counterexample);
  const Counterexample& example = *result.counterexample;
  REQUIRE(example.operations.size() == 3);
  CHECK(example.operations[0].client == "c1");
  CHECK(example.operations[1].client == "c2");
  CHECK(example.operations[2].client == "c4");
  CHECK(example.fault_windows == std::vector<std::string>{"ring#1"});
  CHECK(example.fault_sentence == "during ring#1 (net.partition n1 n2 | n3), 313 ms after its start");
}

TEST_CASE("explain: a violation among repeated values shrinks to the operations around it", "[unit][checker]") {
  auto events = RandomHistory({.cas = true, .clients = 4, .operations = 300, .values = 3, .info = 0.02, .falsify = 0},
                              RandomStream(3, "before"))
                    .make();
  const std::int64_t at = events.back().time_ns + kMillisecond;
  const auto add = [&](std::int64_t time, const char* client, EventType type, Function function, Value value) {
    events.push_back({at + time, client, type, function, "k", std::move(value), "n2", {}});
  };
  add(0, "w", EventType::invoke, Function::write, 2);
  add(10, "w", EventType::ok, Function::write, 2);
  add(20, "x", EventType::invoke, Function::cas, std::pair<std::int64_t, std::int64_t>(2, 9));
  add(21, "y", EventType::invoke, Function::cas, std::pair<std::int64_t, std::int64_t>(2, 8));
  add(30, "x", EventType::ok, Function::cas, std::pair<std::int64_t, std::int64_t>(2, 9));
  add(31, "y", EventType::ok, Function::cas, std::pair<std::int64_t, std::int64_t>(2, 8));
  // A write of 2 whose outcome is unknown would explain it, so there must be none.
  std::erase_if(events, [](const Event& event) { return event.type == EventType::info; });
  for (std::size_t i = 0; i < events.size(); ++i)
    if (events[i].type == EventType::invoke && i + 1 < events.size() &&
        std::none_of(events.begin() + static_cast<std::ptrdiff_t>(i), events.end(), [&](const Event& later) {
          return later.process == events[i].process && later.type != EventType::invoke;
        }))
      events.erase(events.begin() + static_cast<std::ptrdiff_t>(i--));
  const auto result = check(events, "cas-register");
  CHECK(result.verdict == Verdict::violated);
  REQUIRE(result.counterexample);
  CHECK(result.counterexample->operations.size() <= 6);
}

TEST_CASE("explain: what a sentence names is right for each template", "[unit][checker]") {
  using B = EventWriter;
  const struct {
    EventWriter history;
    const char* model;
    const char* sentence;
  } cases[] = {
      {B().read("a", 5), "register", "phantom read: key k: a read 5 from n1, but nobody wrote 5"},
      {B().read("a", 5).write("b", 5), "register",
       "future read: key k: a read 5 from n1, 1 ms before b invoked its write 5"},
      {B().write("b", 5).read("a", kNil), "register",
       "stale read: key k: a read nil from n1 although b's write 5 had been acknowledged 1 ms earlier"},
      {B().append("a", 1).read("b", list({1, 1})), "list-append",
       "duplicate element: key k: b read [1 1] from n1 with 1 more often than it was appended (a's append 1)"},
      {B().append("a", 1).append("a", 2).read("b", list({1, 1})).read("c", list({1, 1, 2})), "list-append",
       "duplicate element: key k: b read [1 1] from n1 with 1 more often than it was appended (a's append 1)"},
      {B().append("a", 1).read("b", list({})), "list-append",
       "lost append: key k: b read [] from n1 although a's append 1 had been acknowledged 1 ms earlier"},
      {B().append("a", 1).read("b", list({4})), "list-append",
       "phantom element: key k: b read [4] from n1, but nobody appended 4"},
  };
  for (const auto& example : cases) CHECK(check(example.history.events(), example.model).summary == example.sentence);
}

TEST_CASE("explain: a moment is placed in, after and before faults", "[unit][checker]") {
  const std::vector<model::FaultWindow> faults{partition(1000, 2000)};
  const auto at = [&](std::int64_t start_ms, std::int64_t moment_ms) {
    return place_among_faults(faults, start_ms * kMillisecond, moment_ms * kMillisecond);
  };
  CHECK(at(1100, 1500).sentence == "during ring#1 (net.partition n1 n2 | n3), 500 ms after its start");
  CHECK(at(2100, 2500).sentence == "500 ms after the end of ring#1 (net.partition n1 n2 | n3)");
  CHECK(at(2100, 2500).ids == std::vector<std::string>{"ring#1"});
  CHECK(at(10, 20).sentence == "before the first fault");
  CHECK(place_among_faults({}, 1, 2).sentence.empty());
}

TEST_CASE("explain: lanes show a row a client and an open end for an unknown outcome", "[unit][checker]") {
  const std::vector<ShownOperation> operations{
      {"c2", "n1", "write", "21", {}, Outcome::info, 1, kNever},
      {"c4", "n2", "read", {}, "17", Outcome::ok, 2, 3},
  };
  const auto lanes = render_lanes(operations);
  REQUIRE(lanes.size() == 2);
  CHECK(lanes[0].starts_with("c2 |"));
  CHECK(lanes[0].find("write 21?") != std::string::npos);
  CHECK(lanes[0].ends_with("···>"));
  CHECK(lanes[1].find("|--read 17") != std::string::npos);
  CHECK(render_lanes(operations, 10).empty());
  Counterexample example;
  example.operations = operations;
  CHECK(render_operations(example)[1] == "    0.000000 s -     0.000000 s  c4     n2     read 17");
  example.timed = false;
  CHECK(render_operations(example)[0] == "       event 2 -          never  c2     n1     write 21?");
}

}  // namespace fracas::checker::tests
