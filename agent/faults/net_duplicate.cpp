#include "agent/faults/net_duplicate.h"

#include <cerrno>

#include <fmt/format.h>

#include "agent/faults/net_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.duplicate";

Status check(const model::Injection& injection) {
  const model::NetDuplicate& fault = injection.net_duplicate();
  if (!(fault.duplicate() > 0 && fault.duplicate() <= 1))
    return failure(fmt::format("{}: a share of {} is not above 0 and at most 1", kName, fault.duplicate()), EINVAL);
  return check_packets(kName, injection.scope(), fault.flows());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::NetDuplicate& fault = preparation.injection.net_duplicate();
  NetRule rule = rule_for(kName, preparation.injection.scope(), fault.flows());
  rule.loss = fault.duplicate();
  return prepare_rule(rule, preparation);
}

}  // namespace

constexpr FaultKind kNetDuplicate{.name = kName,
                                  .ends_by_itself = true,
                                  .check = check,
                                  .prepare = prepare,
                                  .undo = undo_rule,
                                  .probe = probe_net_drop,
                                  .sweep = remove_net_leftovers};

}  // namespace fracas::agent
