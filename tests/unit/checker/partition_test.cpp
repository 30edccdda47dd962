#include "checker/history/partition.h"

#include "checker/history/history_builder.h"
#include "tests/catch/catch.h"
#include "tests/unit/checker/event_writer.h"

namespace fracas::checker::tests {

TEST_CASE("partition: operations are grouped by key in the order of invocation, failed ones too", "[unit][checker]") {
  EventWriter writer("x");
  writer.write("a", 1).key("y").read("b", kNil).key("x").invoke("a", model::Function::write, 2);
  writer.fail("a", model::Function::write, 2);
  const auto history = history_of(writer.events());
  REQUIRE(history);
  const Partition keys = Partition::by_key(*history);
  REQUIRE(keys.size() == 2);
  CHECK(std::vector(keys[0].begin(), keys[0].end()) == std::vector<std::uint32_t>{0, 2});
  CHECK(std::vector(keys[1].begin(), keys[1].end()) == std::vector<std::uint32_t>{1});
  CHECK(Partition::whole(*history)[0].size() == 3);
  CHECK(Partition::by_key(History{}).size() == 0);
  CHECK(Partition::whole(History{}).size() == 0);
}

}  // namespace fracas::checker::tests
