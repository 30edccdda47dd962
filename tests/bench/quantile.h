#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

namespace fracas::bench {

// The value below which that share of the sorted values lies; 0 of none.
inline double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

}  // namespace fracas::bench
