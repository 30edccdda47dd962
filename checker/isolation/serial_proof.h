#pragma once
#include <optional>

#include "checker/isolation/proof.h"
#include "checker/isolation/serial_orders.h"

namespace fracas::checker::isolation {

// That no order of all transactions fits, for the weakest of the three orders of which that is so; nothing where no
// circle follows, or `bytes` do not suffice. `known`: as for SerialOrders.
std::optional<Proof> refute_serial_orders(const Observations& observations, const Graph& known,
                                          const ExplainEdge& explain, std::size_t bytes);

}  // namespace fracas::checker::isolation
