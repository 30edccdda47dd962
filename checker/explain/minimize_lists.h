#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "checker/history/history.h"

namespace fracas::checker {

// A few operations of a violated list-append key that no order explains: leaves out reads, and appends of what no read
// that stays has seen, as long as the rest is still a violation; neither can make one. The others are all there is
// where the search that decides this is too long. REQUIRES: the key is violated. Indexes into History::operations,
// ascending.
std::vector<std::uint32_t> minimize_lists(const History& history, std::span<const std::uint32_t> key);

}  // namespace fracas::checker
