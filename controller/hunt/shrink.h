#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "controller/hunt/universe.h"

// From a violation that nobody can read to one that everybody can.
namespace fracas::controller {

struct ShrinkOptions {
  std::uint64_t runs_max = 20'000;
  unsigned seeds_per_try = 12;   // a smaller experiment draws anew: it fails if any of so many seeds does, or of more
                                 // where it is small already
  std::function<bool()> stop{};  // asked between runs
};

struct Shrunk {
  Universe universe;  // violates the same check
  std::size_t faults = 0;
  std::size_t nodes = 0;
  std::size_t clients = 0;
  std::size_t operations = 0;  // in its history
  std::uint64_t runs = 0;      // spent on the search
};

// Leaves out faults, nodes, clients, keys, time, operations, and entries of the log between two snapshots, as long as
// the same check is still violated, and ends the run when the violation has become visible. The result is a minimum in
// the sense that none of these steps makes it smaller. Whoever is given less may well answer worse: of a violated check
// of availability only faults are left out and shortened, unless the target has planted bugs, without which the smaller
// experiment must keep the check. REQUIRES: `universe` violates `check`.
Shrunk shrink(const Universe& universe, const std::string& check, const ShrinkOptions& options);

}  // namespace fracas::controller
