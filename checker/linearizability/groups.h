#pragma once
#include <functional>
#include <span>
#include <vector>

#include "checker/history/partition.h"
#include "checker/linearizability/finding.h"
#include "lib/base/result.h"

namespace fracas::checker {

using DecideGroup = std::function<Result<Finding>(std::span<const std::uint32_t>)>;

// Decides all groups, the largest first, on as many threads as the budget says; the results are in the groups' order.
// `decide` is called from all of them; groups that are left when the budget's time is up are unknown. ERRORS: that of
// the first group that has one.
Result<std::vector<Finding>> decide_groups(const Partition& groups, const Budget& budget, const DecideGroup& decide);

}  // namespace fracas::checker
