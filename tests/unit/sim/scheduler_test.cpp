#include <string>

#include "lib/sim/scheduler.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace std::chrono_literals;

TEST_CASE("simulated time: it leaps to what is due, in the order of moments and then of asking", "[unit][sim]") {
  sim::Scheduler scheduler;
  std::string order;
  const auto note = [&](char what) { return [&order, what] { order += what; }; };
  scheduler.at(2s, note('c'));
  scheduler.at(1s, note('a'));
  scheduler.at(2s, note('d'));
  scheduler.after(1s, note('b'));
  scheduler.at(3s, note('e'));
  scheduler.run_until(2s);
  CHECK(order == "abcd");
  CHECK(scheduler.now() == 2s);
  CHECK_FALSE(scheduler.step(2999ms));
  CHECK(scheduler.now() == 2s);
  CHECK(scheduler.step(3s));
  CHECK(order == "abcde");
}

TEST_CASE("simulated time: what an action asks for at its own moment still runs in it", "[unit][sim]") {
  sim::Scheduler scheduler;
  int depth = 0;
  scheduler.at(1s, [&] {
    ++depth;
    scheduler.at(0s, [&] { ++depth; });
  });
  scheduler.run_until(1s);
  CHECK(depth == 2);
  CHECK(scheduler.now() == 1s);
}
