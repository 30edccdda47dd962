#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "lib/base/large_vector.h"

namespace fracas::checker {

// A key to sort by, and whose it is.
struct Sortable {
  std::int64_t key = 0;
  std::uint32_t owner = 0;
};

// Sorts by key, stably, the last digit first: as many passes as the keys' range has digits, whatever their order. For
// arrays whose order is not nearly right already; those are sort_nearly_sorted()'s.
inline void radix_sort(LargeVector<Sortable>& items) {
  constexpr unsigned kDigitBits = 11;
  constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  if (items.empty()) return;
  const auto [least, greatest] =
      std::minmax_element(items.begin(), items.end(), [](auto& a, auto& b) { return a.key < b.key; });
  const auto base = static_cast<std::uint64_t>(least->key);
  const auto bits = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(greatest->key) - base));
  LargeVector<Sortable> other(items.size());
  for (unsigned shift = 0; shift < bits; shift += kDigitBits) {
    const auto digit = [&](const Sortable& item) {
      return static_cast<std::size_t>((static_cast<std::uint64_t>(item.key) - base) >> shift) & (kDigits - 1);
    };
    std::array<std::size_t, kDigits> place{};
    for (const Sortable& item : items) ++place[digit(item)];
    std::size_t begin = 0;
    for (std::size_t& count : place) begin += std::exchange(count, begin);
    for (const Sortable& item : items) other[place[digit(item)]++] = item;
    items.swap(other);
  }
}

}  // namespace fracas::checker
