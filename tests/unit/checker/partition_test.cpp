#include "checker/history/partition.h"

#include <algorithm>

#include "checker/history/history_builder.h"
#include "lib/base/random.h"
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

TEST_CASE("partition: several threads make the same groups as one", "[unit][checker]") {
  History history;
  RandomStream random(1, "partition");
  for (std::uint32_t i = 0; i < 200'001; ++i) {
    Operation operation;
    // Keys come and go, so that most parts know some that others do not.
    operation.key = checker::Value::of(static_cast<std::int64_t>(i / 1000 + random.below(70)));
    history.operations.push_back(operation);
  }
  const Partition one = Partition::by_key(history, 1), three = Partition::by_key(history, 3);
  REQUIRE(one.size() == three.size());
  bool same = true;
  for (std::size_t i = 0; i < one.size(); ++i)
    same = same && std::equal(one[i].begin(), one[i].end(), three[i].begin(), three[i].end());
  CHECK(same);
}

}  // namespace fracas::checker::tests
