#pragma once
#include <memory>
#include <string_view>

#include "agent/fault_kind.h"
#include "agent/faults/net.h"

namespace fracas::model {
class Scope;
}

// What the kinds net.* that are rules of the one data plane (agent/faults/net.h) have in common.
namespace fracas::agent {

// A rule for the packets of the scope that does nothing to them yet.
NetRule rule_in(std::string_view kind, const model::Scope& scope);

// Waits for the plane, if it is still being opened, and gives it the rule.
Result<std::unique_ptr<Effect>> prepare_rule(const NetRule& rule, NetSlot& net);

// Nothing: the kernel ends a rule by itself, and what a dead agent leaves of its plane is found by marks.
Status undo_rule(const LedgerRecord& record, KilledServices killed);

// Whether packets can be dropped here.
FaultSupport probe_net_drop();
// Whether packets can be held here.
FaultSupport probe_net_delay();

}  // namespace fracas::agent
