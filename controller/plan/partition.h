#pragma once
#include <cstddef>
#include <vector>

#include "lib/base/random.h"
#include "lib/base/result.h"

namespace fracas::controller {

enum class PartitionShape { halves, isolate, majority_minority, majorities_ring, bridge, one_way, groups };

// Which packets a partition drops among hosts 0 … n-1: `cut[from][to]` means that what `from` sends never reaches `to`.
struct Cuts {
  std::vector<std::vector<bool>> cut;

  bool cuts_anything() const;
};

// REQUIRES: n >= 2. `victims`: the hosts of `on`, all of them where it was not given. `groups`: for shape groups only,
// disjoint. Random choices come from `random` alone.
// ERRORS: why the shape is impossible for so few hosts or these victims.
Result<Cuts> partition_cuts(PartitionShape shape, std::size_t n, const std::vector<std::size_t>& victims,
                            const std::vector<std::vector<std::size_t>>& groups, RandomStream& random);

}  // namespace fracas::controller
