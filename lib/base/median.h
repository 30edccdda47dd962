#pragma once
#include <span>

namespace fracas {

// The middle value in order; of an even number of values the mean of the middle two. REQUIRES: `values` is not empty.
double median(std::span<const double> values);

}  // namespace fracas
