#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "checker/isolation/transactions.h"
#include "checker/model_kind.h"

namespace fracas::checker::isolation {

// What is taken for granted beyond the values themselves, as in Elle. For lists only `sessions` counts.
struct Assumptions {
  bool sessions = false;            // the order of each process counts at every level
  bool writes_follow_reads = true;  // a transaction that reads a key's version writes a later one
  bool sequential_keys = false;     // each process sees the versions of a key in their order
  bool linearizable_keys = false;   // versions of a key follow the real time of the transactions that saw them
  Value initial;                    // what keys hold at the start, besides nil
  // The rank of each operation of the history, or empty: what transactions wrote to a key follows their ranks.
  std::vector<std::int64_t> transaction_order;

  // Do versions follow from more than reads?
  bool order_more() const { return sequential_keys || linearizable_keys || !transaction_order.empty(); }
};

// From the parameters of a check. ERRORS: a parameter that is not understood.
Result<Assumptions> assumptions_of(const Request& request, const History& history);

// A sentence for the details of a verdict; may be empty.
std::string describe(const Assumptions& assumptions, Dialect dialect);

}  // namespace fracas::checker::isolation
