#pragma once
#include <cstdint>
#include <vector>

#include "checker/linearizability/finding.h"
#include "checker/weak/view.h"

namespace fracas::checker::weak {

struct OneOrder {
  Linearizable answer = Linearizable::yes;
  std::vector<std::uint32_t> order;  // yes: all accesses, in an order that explains every read
  std::uint64_t explored = 0;        // configurations
};

// Looks for one order of all accesses in which each read sees the last write of its key. The view leaves orders to
// choose from only where nothing that is known decides between two writes; most often the order in which writes were
// first known to have taken effect is one, and else what is left is searched, exponential in the number of processes at
// worst. REQUIRES: `view` explains everybody's reads in a single order, and said yes.
OneOrder find_one_order(const History& history, const Memory& memory, const View& view, const Budget& budget);

}  // namespace fracas::checker::weak
