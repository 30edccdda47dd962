#include <algorithm>
#include <cmath>
#include <vector>

#include "agent/line/damage.h"
#include "agent/line/flow_schedule.h"
#include "agent/line/jitter.h"
#include "agent/line/short_rests.h"
#include "agent/line/wake_lead.h"
#include "tests/catch/catch.h"

using fracas::agent::Damage;
using fracas::agent::FlowSchedule;
using fracas::agent::Jitter;
using fracas::agent::LineRule;
using fracas::agent::NetSpread;
using fracas::agent::ShortRests;
using fracas::agent::WakeLead;
using std::chrono::milliseconds;

namespace {

constexpr int kDraws = 200'000;

struct Shape {
  double mean = 0;
  double deviation = 0;
  double least = 0;
  double most = 0;
  double correlation = 0;  // of each draw with the next
};

// In jitters.
Shape shape_of(NetSpread spread, double correlation) {
  const LineRule rule{
      .delay = milliseconds(100), .jitter = milliseconds(10), .spread = spread, .correlation = correlation, .seed = 3};
  Jitter jitter(rule);
  std::vector<double> draws;
  for (int i = 0; i < kDraws; ++i) draws.push_back(static_cast<double>(jitter.next_ns()) / 10e6);
  Shape shape;
  for (const double draw : draws) shape.mean += draw / kDraws;
  double square = 0;
  double product = 0;
  for (std::size_t i = 0; i + 1 < draws.size(); ++i) {
    square += (draws[i] - shape.mean) * (draws[i] - shape.mean);
    product += (draws[i] - shape.mean) * (draws[i + 1] - shape.mean);
  }
  shape.deviation = std::sqrt(square / kDraws);
  shape.correlation = product / square;
  shape.least = *std::min_element(draws.begin(), draws.end());
  shape.most = *std::max_element(draws.begin(), draws.end());
  CHECK(shape.most <= static_cast<double>(Jitter::reach_ns(rule)) / 10e6);
  return shape;
}

}  // namespace

TEST_CASE("jitter: each spread has its form, with correlation too", "[unit][agent]") {
  for (const double correlation : {0.0, 0.6}) {
    const double blur = correlation > 0 ? 2 : 1;  // correlated draws say less
    const Shape uniform = shape_of(NetSpread::uniform, correlation);
    CHECK(std::abs(uniform.mean) < 0.005 * blur);
    CHECK(std::abs(uniform.deviation - 1 / std::sqrt(3.0)) < 0.005 * blur);
    CHECK(uniform.least >= -1);
    CHECK(uniform.most <= 1);
    const Shape normal = shape_of(NetSpread::normal, correlation);
    CHECK(std::abs(normal.mean) < 0.01 * blur);
    CHECK(std::abs(normal.deviation - 1) < 0.01 * blur);
    CHECK(std::abs(normal.correlation - correlation) < 0.02);
    const Shape pareto = shape_of(NetSpread::pareto, correlation);
    CHECK(std::abs(pareto.mean) < 0.02 * blur);
    CHECK(std::abs(pareto.deviation - 1) < 0.15);  // its fourth moment is infinite
    CHECK(pareto.least >= -0.58);
    CHECK(pareto.most > 5);
  }
}

TEST_CASE("jitter: no packet leaves before it has come", "[unit][agent]") {
  Jitter jitter({.delay = milliseconds(5), .jitter = milliseconds(5), .spread = NetSpread::normal, .seed = 3});
  for (int i = 0; i < kDraws; ++i) REQUIRE(jitter.next_ns() >= -5'000'000);
}

TEST_CASE("flow schedule: a rate spaces packets by their size and refuses what would wait too long", "[unit][agent]") {
  FlowSchedule schedule(LineRule{.rate_bytes = 1'000'000});
  CHECK(schedule.due_ns(0, 1, 1000) == 1'000'000);
  CHECK(schedule.due_ns(0, 2, 500) == 1'500'000);
  CHECK(schedule.due_ns(5'000'000, 1, 1000) == 6'000'000);  // the line was free meanwhile
  int taken = 0;
  while (schedule.due_ns(6'000'000, 1, 1000)) ++taken;
  CHECK(taken == 501);
}

TEST_CASE("flow schedule: with reordering a packet may be due before an earlier one", "[unit][agent]") {
  FlowSchedule schedule(LineRule{.delay = milliseconds(20), .jitter = milliseconds(10), .reorder = true, .seed = 1});
  int overtaking = 0;
  std::int64_t last = 0;
  for (std::int64_t at = 0; at < 1000; ++at) {
    const std::int64_t due = schedule.due_ns(at, 1, 100).value();
    overtaking += due < last;
    last = due;
  }
  CHECK(overtaking > 300);
}

TEST_CASE("damage: one bit behind the IP header, and one frame of those cut from a segment", "[unit][agent]") {
  Damage damage(1);
  for (std::int64_t at = 1; at <= 1000; ++at) {
    std::vector<std::byte> frame(100);
    frame[14] = std::byte{0x45};
    const auto before = frame;
    REQUIRE(damage.apply(frame, at));
    int bits = 0;
    for (std::size_t i = 0; i < frame.size(); ++i) {
      const auto flipped = std::to_integer<unsigned>(frame[i] ^ before[i]);
      bits += __builtin_popcount(flipped);
      if (i < 34) CHECK(flipped == 0);
    }
    CHECK(bits == 1);
    CHECK_FALSE(damage.apply(frame, at));
  }
  std::vector<std::byte> frame(34);
  frame[14] = std::byte{0x45};
  for (std::size_t size = 0; size <= frame.size(); ++size)
    CHECK_FALSE(damage.apply(std::span(frame).first(size), 2000 + static_cast<std::int64_t>(size)));
}

TEST_CASE("wake lead: 98 of 100 wake-ups come no later than it", "[unit][agent]") {
  WakeLead lead;
  fracas::RandomStream random(1, "test");
  int later = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto late = static_cast<std::int64_t>(random.below(100'000));
    if (i >= 10'000 && late > lead.ns()) ++later;
    lead.observe(late);
  }
  CHECK(later > 100);
  CHECK(later < 350);
}

TEST_CASE("short rests: a thread that never sleeps otherwise rests a twelfth of its time, a little at a time",
          "[unit][agent]") {
  ShortRests rests;
  rests.slept(0, 1'000'000);
  std::int64_t now = 1'000'000, rested = 0, longest_awake = 0, woke = now;
  while (now < 1'000'000'000) {
    now += 5'000;
    if (!rests.is_due(now)) continue;
    longest_awake = std::max(longest_awake, now - woke);
    const std::int64_t length = ShortRests::kRest + now % 40'000;
    rests.slept(now, now + length);
    rested += length;
    woke = now += length;
  }
  CHECK(rested > 1'000'000'000 / 13);
  CHECK(rested < 1'000'000'000 / 11);
  CHECK(longest_awake <= 1'100'000);
}

TEST_CASE("short rests: one that sleeps enough by itself need not rest", "[unit][agent]") {
  ShortRests rests;
  rests.slept(0, 1'000'000);
  for (std::int64_t now = 1'000'000; now < 1'000'000'000; now += 100'000) {
    CHECK_FALSE(rests.is_due(now + 80'000));
    rests.slept(now + 80'000, now + 100'000);
  }
}
