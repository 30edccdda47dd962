#include <string>
#include <vector>

#include "lib/sim/connection.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace std::chrono_literals;

namespace {

struct World {
  sim::Scheduler scheduler;
  sim::Network network{2, {.latency = 1ms, .spread = 0ns}, 1};

  void rule(sim::HostIndex from, sim::HostIndex to, std::uint64_t id, sim::PacketRule act) {
    network.attach(from, to, id, std::make_shared<sim::PacketRule>(std::move(act)));
  }
  sim::Local<sim::Stream> stream() {
    return sim::make_local<sim::Stream>(scheduler, network, sim::Stream::Ends{0, 1, 7});
  }
};

}  // namespace

TEST_CASE("simulated stream: everything arrives once and in order, whatever the packets go through", "[unit][sim]") {
  World world;
  RandomStream random(3, "test");
  world.rule(0, 1, 1, [&random](const sim::Packet&, Duration, sim::Fate& fate) {
    fate.lost = random.chance(0.3);
    fate.held += Duration(static_cast<std::int64_t>(random.below(20'000'000)));
  });
  const auto stream = world.stream();
  std::vector<int> arrived;
  for (int i = 0; i < 500; ++i)
    world.scheduler.at(i * 1ms, [&, i] { stream->send(100, [&arrived, i](bool) { arrived.push_back(i); }); });
  world.scheduler.run_until(1h);
  REQUIRE(arrived.size() == 500);
  for (int i = 0; i < 500; ++i) CHECK(arrived[static_cast<std::size_t>(i)] == i);
  CHECK(stream->waiting_since() == Duration::max());
}

TEST_CASE("simulated stream: while the network is cut, attempts back off, and the first after it carries all",
          "[unit][sim]") {
  World world;
  int attempts = 0;
  world.rule(0, 1, 1, [&attempts](const sim::Packet&, Duration, sim::Fate& fate) {
    ++attempts;
    fate.lost = true;
  });
  const auto stream = world.stream();
  int arrived = 0;
  for (int i = 0; i < 10; ++i) stream->send(100, [&arrived](bool) { ++arrived; });
  world.scheduler.run_until(10s);
  CHECK(arrived == 0);
  CHECK(attempts > 4);
  CHECK(attempts < 12);
  CHECK(stream->waiting_since() == 0s);
  world.network.detach(1);
  world.scheduler.run_until(30s);
  CHECK(arrived == 10);
}

TEST_CASE("simulated connection: it opens to a process that listens, and breaks when that one dies", "[unit][sim]") {
  World world;
  std::uint64_t life = 1;
  const auto connection = sim::make_local<sim::Connection>(world.scheduler, world.network,
                                                           sim::Connection::Ends{0, 1, 7}, [&] { return life; });
  std::string log;
  connection->open([&log](bool accepted) { log += accepted ? "open " : "refused "; });
  world.scheduler.run_until(10ms);
  CHECK(log == "open ");
  connection->ask(10, [&](sim::Connection&, bool) {
    log += "asked ";
    connection->answer(10, [&log](bool) { log += "answered "; });
  });
  world.scheduler.run_until(20ms);
  CHECK(log == "open asked answered ");
  CHECK(connection->is_open());
  life = 2;  // another process listens there now
  CHECK(connection->broken());
  connection->ask(10, [&log](sim::Connection&, bool) { log += "never"; });
  world.scheduler.run_until(40ms);
  CHECK(log == "open asked answered ");
}

TEST_CASE("simulated connection: a reject answers at once, a black hole never", "[unit][sim]") {
  const bool reject = GENERATE(false, true);
  World world;
  world.rule(0, 1, 1, [reject](const sim::Packet&, Duration, sim::Fate& fate) {
    fate.lost = true;
    fate.refused = reject;
  });
  const auto connection = sim::make_local<sim::Connection>(world.scheduler, world.network,
                                                           sim::Connection::Ends{0, 1, 7}, [] { return 1U; });
  connection->open([](bool) {});
  world.scheduler.run_until(10ms);
  CHECK(connection->broken() == reject);
  CHECK_FALSE(connection->is_open());
}
