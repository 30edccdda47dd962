#pragma once
#include "checker/history/operations.h"
#include "checker/linearizability/finding.h"
#include "checker/models/problem.h"

namespace fracas::checker {

// Decides one register problem by the cheapest engine that can: templates, zones, then the search.
// Evidence: indexes into calls.
Finding decide_register(const Problem& problem, const Budget& budget);

// Decides one key of a history. Evidence: indexes into PairedOperations::all.
// ERRORS: "event N: …" where an operation is not of the model.
Result<Finding> decide_key(const PairedOperations& operations, std::span<const std::uint32_t> key, Model model,
                           const Budget& budget);

// All keys, the longest first, on as many threads as the budget says; the results are in the order of `keys`.
// ERRORS: those of decide_key, of the first key that has one.
Result<std::vector<Finding>> decide_keys(const PairedOperations& operations,
                                         const std::vector<std::vector<std::uint32_t>>& keys, Model model,
                                         const Budget& budget);

}  // namespace fracas::checker
