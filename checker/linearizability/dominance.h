#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fracas::checker {

// Removes from `layer` (flat rows of `words`, laid out as expansion.h says, all at one step) the configurations that
// cannot do more than another: equal state and equal required calls, no later last write, and a superset of the
// optional calls spent. `optional_slots`: the set words' mask of slots whose calls are optional.
void drop_dominated(std::vector<std::uint64_t>& layer, std::size_t words,
                    const std::vector<std::uint64_t>& optional_slots);

}  // namespace fracas::checker
