#pragma once
#include "checker/history/history.h"
#include "checker/history/partition.h"
#include "checker/linearizability/finding.h"
#include "checker/models/problem.h"

namespace fracas::checker {

// What one key holds: a register, or a list that is appended to and read as a whole.
struct KeyRules {
  RegisterRules reg;
  bool list = false;
};

// Decides one register problem by the cheapest engine that can: zones, templates, then the search.
// Evidence, witness: indexes into calls.
Finding decide_register(const Problem& problem, const Budget& budget);

// Decides one key of a history. Evidence, witness: indexes into History::operations.
// ERRORS: "event N: …" where an operation is not of the model.
Result<Finding> decide_key(const History& history, std::span<const std::uint32_t> key, const KeyRules& rules,
                           const Budget& budget);

// All keys, the longest first, on as many threads as the budget says; the results are in the order of `keys`.
// ERRORS: those of decide_key, of the first key that has one.
Result<std::vector<Finding>> decide_keys(const History& history, const Partition& keys, const KeyRules& rules,
                                         const Budget& budget);

}  // namespace fracas::checker
