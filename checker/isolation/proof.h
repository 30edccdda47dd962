#pragma once
#include <functional>
#include <string>
#include <vector>

#include "checker/isolation/findings.h"
#include "checker/isolation/transactions.h"
#include "checker/verdict.h"

// Anomalies in words: every transaction named and shown, every edge with the reads and writes that prove it.
namespace fracas::checker::isolation {

struct Proof {
  Anomaly anomaly;
  std::string sentence;
  std::vector<std::string> lines;
  std::vector<std::uint32_t> transactions;
  std::vector<CycleEdge> edges;  // cycles of up to twelve transactions: places in `transactions`
};

// Why the edge of this step leads to the transaction `to`; `from_name` and `to_name` stand for the two.
using ExplainEdge = std::function<std::string(const CycleStep& step, std::uint32_t to, const std::string& from_name,
                                              const std::string& to_name)>;

// `anomaly`: what the cycle is an example of.
Proof prove_cycle(const Transactions& transactions, const Cycle& cycle, const Anomaly& anomaly,
                  const ExplainEdge& explain);
Proof prove_sighting(const Transactions& transactions, const Sighting& sighting);

// "T1: process c3, events 5 and 8: [append x 3] [r y nil]"
std::string show_transaction(const Transactions& transactions, std::uint32_t transaction, const std::string& name);

}  // namespace fracas::checker::isolation
