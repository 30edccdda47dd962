#pragma once
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include "lib/base/large_vector.h"

namespace fracas::checker {

// Indexes by the number of what they belong to, a key or a value: those of a group are side by side.
struct Groups {
  LargeVector<std::uint32_t> begin{0}, order;  // those of group g are order[begin[g] … begin[g + 1])

  std::span<const std::uint32_t> of(std::size_t group) const {
    return {order.data() + begin[group], order.data() + begin[group + 1]};
  }

  // `each(note)` calls note(group, index) for every index, in the order that a group's are to have; it is called twice,
  // to count and to place. REQUIRES: every group is below `count`.
  template <typename Each>
  static Groups gather(std::size_t count, const Each& each) {
    Groups groups;
    groups.begin.assign(count + 1, 0);
    each([&](std::uint32_t group, std::uint32_t) { ++groups.begin[group + 1]; });
    std::partial_sum(groups.begin.begin(), groups.begin.end(), groups.begin.begin());
    groups.order.resize(groups.begin.back());
    LargeVector<std::uint32_t> next(groups.begin.begin(), groups.begin.end() - 1);
    each([&](std::uint32_t group, std::uint32_t index) { groups.order[next[group]++] = index; });
    return groups;
  }
};

}  // namespace fracas::checker
