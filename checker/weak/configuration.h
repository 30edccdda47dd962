#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fracas::checker::weak {

// Where a search for one order is: how far each session is, and whatever else tells two points apart.
using Configuration = std::vector<std::uint32_t>;

struct HashConfiguration {
  std::size_t operator()(const Configuration& all) const noexcept {
    std::size_t hash = all.size();
    for (const std::uint32_t each : all) hash = (hash ^ each) * 0x9E3779B97F4A7C15U + (hash >> 29U);
    return hash;
  }
};

}  // namespace fracas::checker::weak
