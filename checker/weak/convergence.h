#pragma once
#include <optional>

#include "checker/model_kind.h"

namespace fracas::checker::weak {

// Do all replicas of a key agree in the end? The final reads are those that began after the last fault was over and the
// last write had returned, and so long after both as `settle` allows. They must see one value that somebody wrote, or
// the initial one where no write was acknowledged; a write of unknown outcome may still replace it, once.
// Undecided where a key that was written has no final read. Source: Viotti and Vukolić, "Consistency in
// Non-Transactional Distributed Storage Systems" (2016), section 3.2, for eventual consistency.
// Parameters: `heal`, in seconds since the history's start, else the end of the request's last fault; `settle`.
// ERRORS: "event N: …" where an operation is neither a read nor a write; a parameter that is not understood.
Result<CheckResult> check_convergence(const History& history, const Request& request, std::optional<Value> initial);

}  // namespace fracas::checker::weak
