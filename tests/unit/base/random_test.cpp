#include "lib/base/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "tests/catch/catch.h"

using fracas::RandomStream;

namespace {

std::vector<std::uint64_t> draw(RandomStream stream, std::size_t count) {
  std::vector<std::uint64_t> numbers(count);
  std::generate(numbers.begin(), numbers.end(), [&] { return stream.next(); });
  return numbers;
}

}  // namespace

TEST_CASE("random: the first numbers of a stream are the same on every machine", "[unit][base]") {
  RandomStream stream(7, "faults");
  CHECK(stream.next() == 7521984508228275226U);
  CHECK(stream.next() == 11856951524250923135U);
}

TEST_CASE("random: a seed and a name always give the same numbers", "[unit][base]") {
  CHECK(draw(RandomStream(1, "plan"), 100) == draw(RandomStream(1, "plan"), 100));
}

TEST_CASE("random: another name or seed gives other numbers", "[unit][base]") {
  const auto plan = draw(RandomStream(1, "plan"), 100);
  for (const auto& other : {draw(RandomStream(1, "workload"), 100), draw(RandomStream(2, "plan"), 100),
                            draw(RandomStream(1, "plan "), 100), draw(RandomStream(1, ""), 100)}) {
    std::size_t same = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) same += plan[i] == other[i] ? 1U : 0U;
    CHECK(same == 0);
  }
}

TEST_CASE("random: streams of different names are not correlated", "[unit][base]") {
  RandomStream left(1, "fault.a");
  RandomStream right(1, "fault.b");
  constexpr int kDraws = 20000;
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) sum += (left.unit() - 0.5) * (right.unit() - 0.5);
  // The correlation of independent draws has a standard deviation of 1/sqrt(n); five of them are 0.035.
  CHECK(std::abs(sum / kDraws * 12) < 0.035);
}

TEST_CASE("random: below stays under its bound and reaches every value", "[unit][base]") {
  RandomStream stream(3, "below");
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i) ++seen.at(static_cast<std::size_t>(stream.below(7)));
  for (const int count : seen) CHECK(count == Approx(1000).margin(200));
  for (int i = 0; i < 100; ++i) CHECK(stream.below(1) == 0);
}

TEST_CASE("random: unit numbers lie in [0, 1) and chance follows them", "[unit][base]") {
  RandomStream stream(4, "unit");
  int hits = 0;
  for (int i = 0; i < 10000; ++i) {
    const double value = stream.unit();
    REQUIRE(value >= 0);
    REQUIRE(value < 1);
    hits += stream.chance(0.25) ? 1 : 0;
  }
  CHECK(hits == Approx(2500).margin(250));
  CHECK_FALSE(stream.chance(0));
  CHECK(stream.chance(1));
}

TEST_CASE("random: exponential gaps have their mean and are never negative", "[unit][base]") {
  RandomStream stream(5, "gaps");
  double sum = 0;
  for (int i = 0; i < 20000; ++i) {
    const double gap = stream.exponential(6);
    REQUIRE(gap >= 0);
    REQUIRE(std::isfinite(gap));
    sum += gap;
  }
  CHECK(sum / 20000 == Approx(6).margin(0.25));
}

TEST_CASE("random: a shuffle keeps the elements and follows the stream", "[unit][base]") {
  std::vector<int> first(50);
  std::iota(first.begin(), first.end(), 0);
  std::vector<int> second = first;
  const std::vector<int> sorted = first;
  RandomStream one(6, "shuffle");
  RandomStream two(6, "shuffle");
  fracas::shuffle(first, one);
  fracas::shuffle(second, two);
  CHECK(first == second);
  CHECK(first != sorted);
  CHECK(std::is_permutation(first.begin(), first.end(), sorted.begin()));
  std::vector<int> none;
  fracas::shuffle(none, one);
  CHECK(none.empty());
}
