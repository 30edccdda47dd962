#pragma once
#include <optional>
#include <span>
#include <vector>

#include "checker/invariants/availability.h"
#include "checker/linearizability/key.h"
#include "checker/model_kind.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"
#include "lib/model/node_event.h"

// The checks, one function each. They are pure: no clock, file or global; the same input gives the same result.
// `faults` (of the whole run, in any order) only serve to say in which fault a violation fell; availability also
// takes its phases from them. Thread: any; check_linearizable starts threads of its own and joins them.
namespace fracas::checker {

// Is every key of the history linearizable? `undecided` when a key's budget ran out and no other key is violated.
// `model`: its name, for sentences. Of the request its fail, budget and faults count.
// ERRORS: "event N: …" where an operation is not of the model.
Result<CheckResult> check_linearizable(const History& history, const KeyRules& rules, std::string_view model,
                                       const Request& request);

// Did the nodes keep Raft's invariants (checker/invariants/raft.h)? One list of events a node, each in file order.
// `voters`: as for check_raft_invariants().
CheckResult check_raft(std::span<const std::vector<model::NodeEvent>> nodes, std::span<const model::FaultWindow> faults,
                       std::size_t voters = 0);

// Did the system answer, and how soon after the last fault again (checker/invariants/availability.h)?
CheckResult check_availability(const History& history, const AvailabilityGoals& goals,
                               std::span<const model::FaultWindow> faults);

}  // namespace fracas::checker
