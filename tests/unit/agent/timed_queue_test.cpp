#include "agent/timed_queue.h"

#include <string>
#include <vector>

#include "tests/catch/catch.h"

using fracas::agent::TimedQueue;
using Keys = std::vector<std::string>;

namespace {

// Everything that is due.
Keys take_all(TimedQueue& queue, std::int64_t now_ns) {
  Keys keys;
  while (auto due = queue.take_due(now_ns)) keys.push_back(*due);
  return keys;
}

}  // namespace

TEST_CASE("timed queue: what is due comes out in order of moments, then of arrival", "[unit][agent]") {
  TimedQueue queue;
  queue.set("late", 30);
  queue.set("first", 10);
  queue.set("second", 10);
  queue.set("early", 5);
  CHECK(queue.next() == 5);
  CHECK(take_all(queue, 4).empty());
  CHECK(take_all(queue, 10) == Keys{"early", "first", "second"});
  CHECK(queue.next() == 30);
  CHECK(take_all(queue, 1'000) == Keys{"late"});
  CHECK_FALSE(queue.next());
}

TEST_CASE("timed queue: a key has one moment, the last one set", "[unit][agent]") {
  TimedQueue queue;
  queue.set("a", 10);
  queue.set("b", 20);
  queue.set("a", 30);
  CHECK(take_all(queue, 25) == Keys{"b"});
  CHECK(take_all(queue, 30) == Keys{"a"});
}

TEST_CASE("timed queue: a cleared key is never due, and clearing an unknown one is no error", "[unit][agent]") {
  TimedQueue queue;
  queue.set("a", 10);
  queue.clear("a");
  queue.clear("unknown");
  CHECK_FALSE(queue.next());
  CHECK(take_all(queue, 100).empty());
}
