#include "checker/history/recorded_faults.h"

#include "checker/explain/fault_context.h"
#include "tests/catch/catch.h"

namespace fracas::checker::tests {
namespace {

std::vector<std::string> faults_of(std::vector<NemesisEvent> events) {
  History history;
  history.nemesis = std::move(events);
  history.end_ns = 99;
  std::vector<std::string> lines;
  for (const auto& fault : recorded_faults(history))
    lines.push_back(fault.id + " " + fault.kind + " [" + fault.description + "] " + std::to_string(fault.start_ns) +
                    ".." + std::to_string(fault.end_ns));
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("recorded faults: a begin and an end of one kind are a window", "[unit][checker]") {
  CHECK(faults_of({{10, "start-partition majority"}, {12, "start-partition [n1 | n2]"}, {20, "stop-partition"}}) ==
        Lines{"partition#1 partition [[n1 | n2]] 10..20"});
  CHECK(faults_of({{1, "kill n1"}, {2, "pause n2"}, {5, "restart n1"}, {9, "resume"}}) ==
        Lines{"kill#1 kill [n1] 1..5", "pause#1 pause [n2] 2..9"});
  CHECK(faults_of({{1, "partition n3"}, {3, "new-leader n2"}, {8, "heal"}, {9, "partition n1"}}) ==
        Lines{"partition#1 partition [n3] 1..8", "partition#2 partition [n1] 9..99"});
  CHECK(faults_of({{1, "start"}, {4, "stop"}, {6, "start"}, {7, "stop"}}) ==
        Lines{"start#1 start [] 1..4", "start#2 start [] 6..7"});
  CHECK(faults_of({{1, "stop"}, {2, "read"}}).empty());
}

TEST_CASE("recorded faults: what is no fault is a moment, and a proof keeps those of its time and the last before",
          "[unit][checker]") {
  History history;
  history.nemesis = {{1, "new-leader n1"}, {2, "partition n3"}, {3, "new-leader n2"},
                     {5, "promoted n2"},   {9, "heal"},         {10, "demoted n1"}};
  const auto moments = recorded_moments(history);
  REQUIRE(moments.size() == 4);
  Counterexample example;
  example.operations.push_back({"c1", {}, "read", {}, "1", Outcome::ok, 4, 7});
  example.moment_ns = 7;
  add_moments(example, moments);
  REQUIRE(example.marks.size() == 2);
  CHECK(example.marks[0].what == "new-leader n2");
  CHECK(example.marks[1].what == "promoted n2");
  example.timed = false;
  CHECK(render_marks(example)[0] == "new-leader n2, 4 events before");
}

}  // namespace fracas::checker::tests
