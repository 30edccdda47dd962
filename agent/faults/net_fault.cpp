#include "agent/faults/net_fault.h"

#include "lib/model/agent.pb.h"

namespace fracas::agent {

NetRule rule_in(std::string_view kind, const model::Scope& scope) {
  NetRule rule;
  rule.kind = kind;
  rule.from.assign(scope.from().begin(), scope.from().end());
  rule.to.assign(scope.to().begin(), scope.to().end());
  rule.seed = scope.seed();
  return rule;
}

Result<std::unique_ptr<Effect>> prepare_rule(const NetRule& rule, NetSlot& net) {
  auto plane = net.get();
  if (!plane) return failure(std::move(plane).error());
  return (*plane)->prepare(rule);
}

Status undo_rule(const LedgerRecord& /*record*/, KilledServices /*killed*/) {
  return {};
}

}  // namespace fracas::agent
