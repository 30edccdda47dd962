#pragma once
#include <cstdint>

#include "checker/history/history.h"

namespace fracas::checker {

// Closed: both ends belong to it. kNever as `to` is an end that never came.
struct Interval {
  std::int64_t from = 0;
  std::int64_t to = kNever;
};

}  // namespace fracas::checker
