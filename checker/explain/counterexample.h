#pragma once
#include <span>

#include "checker/invariants/raft.h"
#include "checker/linearizability/key.h"
#include "checker/verdict.h"
#include "lib/model/effect.h"

namespace fracas::checker {

// The proof that these operations are, by invocation, and in which fault they fell.
Counterexample exhibit(const History& history, const std::vector<const Operation*>& operations, std::string sentence,
                       std::span<const model::FaultWindow> faults);

// From a violated key to its proof. `key` and `finding` as for decide_key; `history` is the whole one.
Counterexample explain_key(const History& history, std::span<const std::uint32_t> key, const KeyRules& rules,
                           const Finding& finding, std::span<const model::FaultWindow> faults);

// The same for a broken Raft invariant. `run_start_ns`: what its times count from.
Counterexample explain_raft(const RaftViolation& violation, std::int64_t run_start_ns,
                            std::span<const model::FaultWindow> faults);

}  // namespace fracas::checker
