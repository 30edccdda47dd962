#pragma once
#include <cstdint>
#include <vector>

#include "checker/linearizability/finding.h"
#include "checker/models/problem.h"

namespace fracas::checker::weak {

// Calls of several objects that are to be ordered, each process's in its own order.
struct OrderProblem {
  struct Item {
    Call call;
    std::uint32_t object = 0;   // index into `spaces`
    std::uint32_t process = 0;  // index into History::processes
    bool fixed = true;          // false: it takes effect at any moment after what its process did before it, or never
  };
  std::vector<Item> items;          // by invocation
  std::vector<StateSpace*> spaces;  // by object; borrowed
  std::uint32_t processes = 0;
};

struct OrderAnswer {
  Linearizable answer = Linearizable::yes;
  std::vector<std::uint32_t> order;  // yes: items that take effect, in an order that works
  std::uint64_t explored = 0;        // configurations
};

OrderAnswer walk_orders(const OrderProblem& problem, const Budget& budget);

}  // namespace fracas::checker::weak
