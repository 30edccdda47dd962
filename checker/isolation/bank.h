#pragma once
#include "checker/model_kind.h"

namespace fracas::checker::isolation {

// Accounts that transfers leave with the same total: every answered read of all of them must show it, and no balance
// below zero unless that is allowed. What transfers there were does not matter, so it is necessary for snapshot
// isolation, and not enough. Source: Jepsen's bank workload. Time: O(n).
extern const ModelKind kBank;

}  // namespace fracas::checker::isolation
