#include "checker/invariants/quantiles.h"

#include <algorithm>
#include <cmath>

namespace fracas::checker {

Quantiles quantiles_of(std::vector<std::int64_t> times_ns) {
  if (times_ns.empty()) return {};
  const auto at = [&](double q) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(times_ns.size())));
    const auto place = times_ns.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
    std::nth_element(times_ns.begin(), place, times_ns.end());
    return static_cast<double>(*place) / 1e6;
  };
  return {at(0.5), at(0.9), at(0.99), at(1)};
}

}  // namespace fracas::checker
