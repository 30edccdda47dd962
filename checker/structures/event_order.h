#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "checker/history/history.h"

namespace fracas::checker {

// The beginning or the end of an operation.
struct Moment {
  std::int64_t at = 0;
  bool end = false;
  std::uint32_t operation = 0;
};

// By time; of equal times, beginnings come first: operations that touch are concurrent. Failed operations are left
// out; one without an answer has no end.
LargeVector<Moment> moments_of(const History& history, std::span<const std::uint32_t> operations);

}  // namespace fracas::checker
