#include "controller/plan/partition.h"

#include <algorithm>
#include <numeric>

#include "lib/base/ensure.h"

namespace fracas::controller {
namespace {

// Every host in the group with its number; -1 is cut off from nobody.
using Membership = std::vector<int>;

Cuts nothing(std::size_t n) {
  return {std::vector<std::vector<bool>>(n, std::vector<bool>(n, false))};
}

Cuts between_groups(const Membership& group) {
  Cuts cuts = nothing(group.size());
  for (std::size_t from = 0; from < group.size(); ++from)
    for (std::size_t to = 0; to < group.size(); ++to)
      cuts.cut[from][to] = group[from] >= 0 && group[to] >= 0 && group[from] != group[to];
  return cuts;
}

std::vector<std::size_t> shuffled(std::size_t n, RandomStream& random) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  shuffle(order, random);
  return order;
}

// The first `count` hosts of a random order are in group 1, the others in group 0.
Membership random_split(std::size_t n, std::size_t count, RandomStream& random) {
  const auto order = shuffled(n, random);
  Membership group(n, 0);
  for (std::size_t i = 0; i < count; ++i) group[order[i]] = 1;
  return group;
}

Result<Cuts> isolate(std::size_t n, const std::vector<std::size_t>& victims) {
  Membership group(n, 0);
  int next = 1;
  for (const std::size_t victim : victims) group[victim] = next++;
  return between_groups(group);
}

Result<Cuts> majority_minority(std::size_t n, const std::vector<std::size_t>& victims, RandomStream& random) {
  const std::size_t minority_max = (n - 1) / 2;
  if (minority_max == 0) return failure("majority-minority needs at least 3 hosts");
  if (victims.size() == n) return between_groups(random_split(n, minority_max, random));
  if (victims.size() > minority_max) return failure("the hosts of `on` are a majority, not a minority");
  // The victims first, then random others until the minority is as large as it can be.
  Membership group(n, 0);
  std::size_t size = 0;
  for (const std::size_t victim : victims) {
    group[victim] = 1;
    ++size;
  }
  for (const std::size_t host : shuffled(n, random)) {
    if (size == minority_max) break;
    if (group[host] == 1) continue;
    group[host] = 1;
    ++size;
  }
  return between_groups(group);
}

Result<Cuts> majorities_ring(std::size_t n, RandomStream& random) {
  if (n < 4)
    return failure("majorities-ring needs at least 4 hosts: with fewer, every majority is the same for somebody");
  // On a random ring every host sees its neighbours up to `reach` to either side: the fewest that make a majority.
  const std::size_t majority = n / 2 + 1;
  const std::size_t reach = majority / 2;
  const auto ring = shuffled(n, random);
  Cuts cuts = nothing(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const std::size_t apart = (j + n - i) % n;
      cuts.cut[ring[i]][ring[j]] = std::min(apart, n - apart) > reach;
    }
  }
  return cuts;
}

Result<Cuts> bridge(std::size_t n, RandomStream& random) {
  if (n < 3) return failure("bridge needs at least 3 hosts");
  const auto order = shuffled(n, random);
  Membership group(n, 0);
  group[order[0]] = -1;
  for (std::size_t i = 1; i <= (n - 1) / 2; ++i) group[order[i]] = 1;
  return between_groups(group);
}

Cuts one_way(std::size_t n, const std::vector<std::size_t>& victims) {
  Cuts cuts = nothing(n);
  for (const std::size_t from : victims)
    for (std::size_t to = 0; to < n; ++to)
      cuts.cut[from][to] = std::find(victims.begin(), victims.end(), to) == victims.end();
  return cuts;
}

Cuts by_groups(std::size_t n, const std::vector<std::vector<std::size_t>>& groups) {
  Membership group(n, -1);
  for (std::size_t i = 0; i < groups.size(); ++i)
    for (const std::size_t host : groups[i]) group[host] = static_cast<int>(i);
  return between_groups(group);
}

}  // namespace

bool Cuts::cuts_anything() const {
  return std::any_of(cut.begin(), cut.end(),
                     [](const auto& row) { return std::find(row.begin(), row.end(), true) != row.end(); });
}

Result<Cuts> partition_cuts(PartitionShape shape, std::size_t n, const std::vector<std::size_t>& victims,
                            const std::vector<std::vector<std::size_t>>& groups, RandomStream& random) {
  ensure(n >= 2, "a partition needs two hosts");
  switch (shape) {
    case PartitionShape::halves:
      return between_groups(random_split(n, n / 2, random));
    case PartitionShape::isolate:
      return isolate(n, victims);
    case PartitionShape::majority_minority:
      return majority_minority(n, victims, random);
    case PartitionShape::majorities_ring:
      return majorities_ring(n, random);
    case PartitionShape::bridge:
      return bridge(n, random);
    case PartitionShape::one_way:
      return one_way(n, victims);
    case PartitionShape::groups:
      return by_groups(n, groups);
  }
  return failure("unknown shape");
}

}  // namespace fracas::controller
