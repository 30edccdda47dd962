#pragma once
#include <cstdint>

#include "lib/base/large_vector.h"

namespace fracas::checker {

// Points of time strictly between two others.
struct OpenInterval {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

// The union of open intervals: when a container surely holds something. Two that only touch leave the point between
// them free.
class OpenUnion {
 public:
  // Intervals that are empty (from >= to) do not count.
  explicit OpenUnion(LargeVector<OpenInterval> intervals);

  // The first free point at or after `at`; kNever where there is none before.
  std::int64_t first_free(std::int64_t at) const;
  // The last free point at or before `at`.
  std::int64_t last_free(std::int64_t at) const;

 private:
  const OpenInterval* around(std::int64_t at) const;
  LargeVector<OpenInterval> parts_;  // disjoint, by time
};

}  // namespace fracas::checker
