#pragma once
#include <memory>
#include <string_view>

#include "agent/fault_kind.h"
#include "agent/faults/net.h"

namespace fracas::model {
class NetFlows;
class ProcessSelector;
class Scope;
}  // namespace fracas::model

// What the kinds net.* that are rules of the one data plane (agent/faults/net.h) have in common.
namespace fracas::agent {

// Which packets of this host a fault acts on: those exchanged with the scope's peers that belong to its flows; if the
// scope names services, those that their processes send; if the flows name senders, those that these send.
// ERRORS of check_packets: EINVAL and a sentence that begins with the kind: no peers, a bad port or share, senders and
// services.
Status check_packets(std::string_view kind, const model::Scope& scope, const model::NetFlows& flows);
// ERRORS: EINVAL a bad selector, or one that does not choose by cgroup or container.
Status check_senders(const model::ProcessSelector& senders);
// A rule for them that does nothing to them yet. REQUIRES: check_packets was right.
NetRule rule_for(std::string_view kind, const model::Scope& scope, const model::NetFlows& flows);

// The cgroups of the victims' services, or of the flows' senders. ERRORS: ENOTSUP where a service has none.
Result<std::vector<std::filesystem::path>> sender_cgroups(const Preparation& preparation);

// Waits for the plane, if it is still being opened, and gives it the rule; limited to what the victims' processes send,
// if the order names services, or to its senders. ERRORS: those of sender_cgroups.
Result<std::unique_ptr<Effect>> prepare_rule(NetRule rule, const Preparation& preparation);

// Nothing: the kernel ends a rule by itself, and what a dead agent leaves of its plane is found by marks.
Status undo_rule(const LedgerRecord& record, KilledServices killed);

// Whether packets can be dropped here.
FaultSupport probe_net_drop();
// Whether a delay line works here, …
FaultSupport probe_net_line();
// … and whether constant delays can do without it.
FaultSupport probe_net_delay();

}  // namespace fracas::agent
