#include "checker/invariants/quantiles.h"

#include <algorithm>
#include <cmath>

namespace fracas::checker {

Quantiles quantiles_of(std::vector<std::int64_t> times_ns) {
  if (times_ns.empty()) return {};
  std::sort(times_ns.begin(), times_ns.end());
  const auto at = [&](double q) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(times_ns.size())));
    return static_cast<double>(times_ns[std::max<std::size_t>(rank, 1) - 1]) / 1e6;
  };
  return {at(0.5), at(0.9), at(0.99), at(1)};
}

}  // namespace fracas::checker
