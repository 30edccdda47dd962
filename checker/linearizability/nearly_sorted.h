#pragma once
#include <algorithm>
#include <cstddef>
#include <utility>

namespace fracas::checker {

// Sorts, stably, what is nearly in order already: times of operations, which come in the order of their invocations,
// are off by at most the number of clients. Linear then, and never worse than std::stable_sort.
template <typename Items, typename Less>
void sort_nearly_sorted(Items& items, Less less) {
  std::size_t moves_left = 64 + 16 * items.size();
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (!less(items[i], items[i - 1])) continue;
    auto item = std::move(items[i]);
    std::size_t to = i;
    for (; to > 0 && moves_left > 0 && less(item, items[to - 1]); --to, --moves_left)
      items[to] = std::move(items[to - 1]);
    items[to] = std::move(item);
    if (moves_left == 0) return std::stable_sort(items.begin(), items.end(), less);
  }
}

}  // namespace fracas::checker
