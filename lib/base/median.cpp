#include "lib/base/median.h"

#include <algorithm>
#include <vector>

#include "lib/base/ensure.h"

namespace fracas {

double median(std::span<const double> values) {
  ensure(!values.empty(), "a median is of something");
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

}  // namespace fracas
