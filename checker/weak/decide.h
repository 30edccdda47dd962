#pragma once
#include <optional>
#include <string>
#include <vector>

#include "checker/weak/levels.h"
#include "checker/weak/view.h"

namespace fracas::checker::weak {

// Whether one level holds of a memory, and why not. Accesses are numbers of the memory's.
struct LevelDecision {
  Linearizable answer = Linearizable::yes;
  std::string reason;                   // unknown: why
  std::string sentence;                 // no: what cannot be
  std::vector<std::uint32_t> accesses;  // no: these alone cannot be; empty: all are needed
  std::vector<Link> circle;             // no: the orders that contradict each other; may be empty
  std::vector<std::uint32_t> order;     // yes, sequential: an order of all accesses that explains every read
  std::uint64_t explored = 0;           // configurations
};

// Exact. All but `sequential` take time polynomial in the accesses; that is searched for where orders that follow from
// each other do not decide it. REQUIRES: level is not linearizable, which needs times.
LevelDecision decide(const History& history, const Memory& memory, Level level, const Budget& budget);

}  // namespace fracas::checker::weak
