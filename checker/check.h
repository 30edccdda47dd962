#pragma once
#include <optional>
#include <span>
#include <vector>

#include "checker/invariants/availability.h"
#include "checker/linearizability/finding.h"
#include "checker/models/model.h"
#include "checker/verdict.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"
#include "lib/model/history.h"
#include "lib/model/node_event.h"

// The checks, one function each. They are pure: no clock, file or global; the same input gives the same result.
// `faults` (of the whole run, in any order) only serve to say in which fault a violation fell; availability also
// takes its phases from them. Thread: any; check_linearizable starts threads of its own and joins them.
namespace fracas::checker {

// Is every key of the history linearizable? `undecided` when a key's budget ran out and no other key is violated.
// ERRORS: "event N: …" for malformed histories and operations that are not of the model.
Result<CheckResult> check_linearizable(std::span<const model::Event> history, Model model, const Budget& budget,
                                       std::span<const model::FaultWindow> faults);

// Did the nodes keep Raft's invariants (checker/invariants/raft.h)? One list of events a node, each in file order.
CheckResult check_raft(std::span<const std::vector<model::NodeEvent>> nodes,
                       std::span<const model::FaultWindow> faults);

// Did the system answer, and how soon after the last fault again (checker/invariants/availability.h)?
// ERRORS: "event N: …" for malformed histories.
Result<CheckResult> check_availability(std::span<const model::Event> history, const AvailabilityGoals& goals,
                                       std::span<const model::FaultWindow> faults);

}  // namespace fracas::checker
