#include "checker/models/problem.h"

namespace fracas::checker {

State Problem::longer(State list, State element) const {
  if (list == kElsewhere) return kElsewhere;
  const auto child = children.find(std::uint64_t{list} << 32U | element);
  return child == children.end() ? kElsewhere : child->second;
}

}  // namespace fracas::checker
