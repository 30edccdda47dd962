#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>

#include "targets/quorum/core/ids.h"

namespace fracas::quorum {

// Follows the wall clock, and never falls behind a stamp that it has seen, so that what is written in answer to
// something is later than it. Source: Kulkarni et al., "Logical Physical Clocks", OPODIS 2014.
class HybridClock {
 public:
  void observe(const Stamp& stamp) { last_ = std::max(last_, {stamp.time, stamp.logical}); }
  // Later than all before. With `wall_ns` 0 it only counts.
  std::pair<std::int64_t, std::uint64_t> next(std::int64_t wall_ns) {
    if (wall_ns > last_.first) {
      last_ = {wall_ns, 0};
    } else {
      ++last_.second;
    }
    return last_;
  }

 private:
  std::pair<std::int64_t, std::uint64_t> last_{};
};

}  // namespace fracas::quorum
