#include <string>
#include <utility>
#include <vector>

#include "lib/base/random.h"
#include "lib/sim/scheduler.h"
#include "targets/node/sim/sim_node.h"
#include "tests/catch/catch.h"

using namespace fracas;

namespace {

class Idle final : public node::SimProcess {
 public:
  void tick() override {}
  void persisted(std::uint64_t) override {}
};

// Keeps what each of its lives read.
node::SimProgram reader(std::vector<std::string>& read) {
  return {
      .empty_file = "",
      .start = [&read](node::SimNode&, const std::string& file, std::uint64_t) -> Result<node::SimProgram::Started> {
        read.push_back(file);
        return node::SimProgram::Started{std::make_unique<Idle>(), file.size()};
      }};
}

}  // namespace

TEST_CASE("simulated node: what a restarted process has read outlives the power, unless it does without fsync",
          "[unit][sim]") {
  for (const bool fsync : {true, false}) {
    unsigned lost = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      sim::Scheduler scheduler;
      std::vector<std::string> read;
      node::SimNode node(scheduler, {.name = "n1", .fsync = fsync, .seed = seed}, reader(read));
      REQUIRE(node.start());
      node.write({{.bytes = "vote"}}, 1);
      node.kill();  // before the sync
      REQUIRE(node.start());
      RandomStream random(seed, "power");
      static_cast<void>(node.cut_power(random, false));
      REQUIRE(node.start());
      REQUIRE(read.size() == 3);
      CHECK(read[1] == "vote");
      if (read[2] != "vote") ++lost;
    }
    CHECK((lost == 0) == fsync);
  }
}
