#pragma once
#include <cstdint>

#include "checker/history/history.h"

namespace fracas::bench {

// Clients whose transactions take effect one after the other, each at its beginning: strict serializable.
struct TransactionShape {
  bool lists = true;  // appends and whole reads; else registers
  std::int64_t transactions = 0;
  std::size_t clients = 20;
  std::size_t keys = 10;           // in use at one time
  std::size_t writes_per_key = 0;  // then a new key takes its place; 0 = never
  std::size_t steps_max = 4;       // of one transaction; half of them are reads
};

checker::History simulate(const TransactionShape& shape);

}  // namespace fracas::bench
