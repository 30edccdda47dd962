#include "checker/structures/event_order.h"

#include <algorithm>
#include <tuple>

namespace fracas::checker {

std::vector<Moment> moments_of(const History& history, std::span<const std::uint32_t> operations) {
  std::vector<Moment> moments;
  moments.reserve(2 * operations.size());
  for (const std::uint32_t index : operations) {
    const Operation& operation = history.operations[index];
    if (operation.outcome == Outcome::fail) continue;
    moments.push_back({operation.invoke_ns, false, index});
    if (operation.return_ns != kNever) moments.push_back({operation.return_ns, true, index});
  }
  std::sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
    return std::tie(a.at, a.end, a.operation) < std::tie(b.at, b.end, b.operation);
  });
  return moments;
}

}  // namespace fracas::checker
