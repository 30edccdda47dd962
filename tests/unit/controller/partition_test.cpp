#include "controller/plan/partition.h"

#include <numeric>
#include <set>

#include "tests/catch/catch.h"

namespace {

using fracas::RandomStream;
using fracas::controller::Cuts;
using fracas::controller::PartitionShape;

std::vector<std::size_t> everybody(std::size_t n) {
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

Cuts make(PartitionShape shape, std::size_t n, const std::vector<std::size_t>& victims,
          const std::vector<std::vector<std::size_t>>& groups = {}, std::uint64_t seed = 1) {
  RandomStream random(seed, "test");
  auto cuts = fracas::controller::partition_cuts(shape, n, victims, groups, random);
  REQUIRE(cuts.has_value());
  return *cuts;
}

// Whom a host hears, itself included.
std::set<std::size_t> heard_by(const Cuts& cuts, std::size_t host) {
  std::set<std::size_t> heard;
  for (std::size_t from = 0; from < cuts.cut.size(); ++from)
    if (!cuts.cut[from][host]) heard.insert(from);
  return heard;
}

bool symmetric(const Cuts& cuts) {
  for (std::size_t a = 0; a < cuts.cut.size(); ++a)
    for (std::size_t b = 0; b < cuts.cut.size(); ++b)
      if (cuts.cut[a][b] != cuts.cut[b][a]) return false;
  return true;
}

}  // namespace

TEST_CASE("partition: no shape ever cuts a host off from itself", "[unit][controller]") {
  const auto shape = GENERATE(PartitionShape::halves, PartitionShape::isolate, PartitionShape::majority_minority,
                              PartitionShape::majorities_ring, PartitionShape::bridge, PartitionShape::one_way);
  const bool whole = shape == PartitionShape::majority_minority;
  for (std::size_t n = 4; n <= 9; ++n) {
    const Cuts cuts = make(shape, n, whole ? everybody(n) : std::vector<std::size_t>{1});
    for (std::size_t host = 0; host < n; ++host) CHECK_FALSE(cuts.cut[host][host]);
    CHECK(cuts.cuts_anything());
  }
}

TEST_CASE("partition: halves are two groups of as equal a size as possible", "[unit][controller]") {
  for (std::size_t n = 2; n <= 9; ++n) {
    const Cuts cuts = make(PartitionShape::halves, n, everybody(n));
    CHECK(symmetric(cuts));
    const std::size_t mine = heard_by(cuts, 0).size();
    CHECK((mine == n / 2 || mine == n - n / 2));
  }
}

TEST_CASE("partition: isolate cuts each victim off from everybody", "[unit][controller]") {
  const Cuts cuts = make(PartitionShape::isolate, 5, {1, 3});
  CHECK(heard_by(cuts, 1) == std::set<std::size_t>{1});
  CHECK(heard_by(cuts, 3) == std::set<std::size_t>{3});
  CHECK(heard_by(cuts, 0) == std::set<std::size_t>{0, 2, 4});
}

TEST_CASE("partition: majority-minority leaves a smallest majority, and its victims in the minority",
          "[unit][controller]") {
  for (std::size_t n = 3; n <= 9; ++n) {
    const Cuts cuts = make(PartitionShape::majority_minority, n, {2});
    CHECK(heard_by(cuts, 2).size() == (n - 1) / 2);
    CHECK(symmetric(cuts));
  }
  RandomStream random(1, "test");
  CHECK_FALSE(fracas::controller::partition_cuts(PartitionShape::majority_minority, 5, {0, 1, 2}, {}, random));
  CHECK_FALSE(fracas::controller::partition_cuts(PartitionShape::majority_minority, 2, {0, 1}, {}, random));
}

TEST_CASE("partition: in a majorities-ring everybody hears a majority and no two the same one", "[unit][controller]") {
  for (std::size_t n = 4; n <= 9; ++n) {
    const Cuts cuts = make(PartitionShape::majorities_ring, n, everybody(n));
    std::set<std::set<std::size_t>> views;
    for (std::size_t host = 0; host < n; ++host) {
      const auto heard = heard_by(cuts, host);
      CHECK(heard.size() >= n / 2 + 1);
      CHECK(heard.size() < n);
      views.insert(heard);
    }
    CHECK(views.size() == n);
    CHECK(symmetric(cuts));
  }
  RandomStream random(1, "test");
  CHECK_FALSE(fracas::controller::partition_cuts(PartitionShape::majorities_ring, 3, {0, 1, 2}, {}, random));
}

TEST_CASE("partition: exactly one host sees both sides of a bridge", "[unit][controller]") {
  const Cuts cuts = make(PartitionShape::bridge, 5, everybody(5));
  int seeing_all = 0;
  for (std::size_t host = 0; host < 5; ++host) seeing_all += heard_by(cuts, host).size() == 5;
  CHECK(seeing_all == 1);
}

TEST_CASE("partition: one-way loses what the victim sends and keeps what it receives", "[unit][controller]") {
  const Cuts cuts = make(PartitionShape::one_way, 3, {0});
  CHECK(cuts.cut[0][1]);
  CHECK(cuts.cut[0][2]);
  CHECK_FALSE(cuts.cut[1][0]);
  CHECK_FALSE(cuts.cut[1][2]);
}

TEST_CASE("partition: hosts in no group are cut off from nobody", "[unit][controller]") {
  const Cuts cuts = make(PartitionShape::groups, 4, everybody(4), {{0}, {1, 2}});
  CHECK(cuts.cut[0][1]);
  CHECK(cuts.cut[2][0]);
  CHECK_FALSE(cuts.cut[1][2]);
  CHECK(heard_by(cuts, 3).size() == 4);
}

TEST_CASE("partition: the same seed gives the same groups", "[unit][controller]") {
  CHECK(make(PartitionShape::halves, 8, everybody(8), {}, 5).cut ==
        make(PartitionShape::halves, 8, everybody(8), {}, 5).cut);
  std::set<std::vector<std::vector<bool>>> different;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    different.insert(make(PartitionShape::halves, 8, everybody(8), {}, seed).cut);
  CHECK(different.size() > 10);
}
