#include "checker/isolation/serial_proof.h"

#include <fmt/format.h>

#include <algorithm>

namespace fracas::checker::isolation {
namespace {

std::string explain_inferred(const Transactions& transactions, const SerialReason& reason, const std::string& from,
                             const std::string& to) {
  const Operation& reader = transactions.operation(reason.reader);
  const std::string key = transactions.key_name(reason.key);
  if (reason.dependency == Dependency::ww)
    return fmt::format("{} wrote {} and comes before the transaction of event {}, which read {} from {}", from, key,
                       reader.invoke + 1, key, to);
  if (reason.from == kNone) return fmt::format("{} read the initial value of {}, which {} replaced", from, key, to);
  return fmt::format("{} read {} from the transaction of event {}, and {} wrote {} after that", from, key,
                     transactions.operation(reason.from).invoke + 1, to, key);
}

}  // namespace

std::optional<Proof> refute_serial_orders(const Observations& observations, const Graph& known,
                                          const ExplainEdge& explain, std::size_t bytes) {
  std::optional<Proof> proof;
  // What holds with the order of time holds without it.
  for (const Order order : {Order::realtime, Order::process, Order::none}) {
    SerialOrders orders(observations, known, order);
    const auto circle = orders.find_circle(bytes);
    if (!circle || circle->empty()) break;
    const ExplainEdge explain_all = [&](const CycleStep& step, std::uint32_t to, const std::string& from_name,
                                        const std::string& to_name) {
      const SerialReason* reason = orders.reason(step.transaction, to);
      if (!reason || reason->dependency != step.dependency) return explain(step, to, from_name, to_name);
      return explain_inferred(observations.transactions(), *reason, from_name, to_name);
    };
    proof = prove_cycle(observations.transactions(), {CycleKind::g2, order, *circle},
                        {AnomalyKind::no_serial_order, CycleKind::g2, order}, explain_all);
  }
  return proof;
}

}  // namespace fracas::checker::isolation
