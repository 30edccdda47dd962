#pragma once
#include <span>

#include "checker/invariants/raft.h"
#include "checker/linearizability/finding.h"
#include "checker/models/model.h"
#include "checker/verdict.h"
#include "lib/model/effect.h"

namespace fracas::checker {

// From a violated key to its proof. `key` and `finding` as for decide_key; `operations` is the whole history.
Counterexample explain_key(const PairedOperations& operations, const std::vector<std::uint32_t>& key,
                           const Finding& finding, Model model, std::span<const model::FaultWindow> faults);

// The same for a broken Raft invariant. `run_start_ns`: what its times count from.
Counterexample explain_raft(const RaftViolation& violation, std::int64_t run_start_ns,
                            std::span<const model::FaultWindow> faults);

}  // namespace fracas::checker
