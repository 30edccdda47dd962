#include "agent/faults/net_partition.h"

#include "agent/faults/net_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.partition";

Status check(const model::Injection& injection) {
  return check_packets(kName, injection.scope(), injection.net_partition().flows());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  NetRule rule = rule_for(kName, preparation.injection.scope(), preparation.injection.net_partition().flows());
  rule.loss = 1;
  return prepare_rule(rule, preparation.net);
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
