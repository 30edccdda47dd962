#pragma once
#include "checker/model_kind.h"

namespace fracas::checker::isolation {

// Transactions that read by predicates, over keys of which each is written at most once after an init: then a read by a
// predicate tells the versions it met even of keys that it did not return. Names and steps are those of Elle's
// closed-predicate workload. Keys written more often are judged as far as their initial versions go.
Result<CheckResult> check_closed_predicate(const History& history, const Request& request);

extern const ModelKind kClosedPredicate;

}  // namespace fracas::checker::isolation
