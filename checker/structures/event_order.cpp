#include "checker/structures/event_order.h"

#include <tuple>

#include "checker/linearizability/nearly_sorted.h"

namespace fracas::checker {

LargeVector<Moment> moments_of(const History& history, std::span<const std::uint32_t> operations) {
  LargeVector<Moment> moments;
  moments.reserve(2 * operations.size());
  for (const std::uint32_t index : operations) {
    const Operation& operation = history.operations[index];
    if (operation.outcome == Outcome::fail) continue;
    moments.push_back({operation.invoke_ns, false, index});
    if (operation.return_ns != kNever) moments.push_back({operation.return_ns, true, index});
  }
  sort_nearly_sorted(moments, [](const Moment& a, const Moment& b) {
    return std::tie(a.at, a.end, a.operation) < std::tie(b.at, b.end, b.operation);
  });
  return moments;
}

}  // namespace fracas::checker
