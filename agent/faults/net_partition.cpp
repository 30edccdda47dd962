#include "agent/faults/net_partition.h"

#include "agent/faults/net_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.partition";

NetCut cut_of(model::NetPartition::Style style) {
  switch (style) {
    case model::NetPartition::STYLE_REJECT:
      return NetCut::reject;
    case model::NetPartition::STYLE_NEW_ONLY:
      return NetCut::new_only;
    case model::NetPartition::STYLE_ESTABLISHED_ONLY:
      return NetCut::established_only;
    default:
      return NetCut::blackhole;
  }
}

Status check(const model::Injection& injection) {
  return check_packets(kName, injection.scope(), injection.net_partition().flows());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  NetRule rule = rule_for(kName, preparation.injection.scope(), preparation.injection.net_partition().flows());
  rule.cut = cut_of(preparation.injection.net_partition().style());
  return prepare_rule(rule, preparation);
}

}  // namespace

constexpr FaultKind kNetPartition{.name = kName,
                                  .ends_by_itself = true,
                                  .check = check,
                                  .prepare = prepare,
                                  .undo = undo_rule,
                                  .probe = probe_net_drop,
                                  .sweep = remove_net_leftovers};

}  // namespace fracas::agent
