#include "agent/faults/net_loss.h"

#include <cerrno>

#include <fmt/format.h>

#include "agent/faults/net_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.loss";

Status check(const model::Injection& injection) {
  const double loss = injection.net_loss().loss();
  if (!(loss >= 0 && loss <= 1)) return failure(fmt::format("{}: loss {} is not between 0 and 1", kName, loss), EINVAL);
  if (loss <= 0) return failure(fmt::format("{} with a loss of 0 does nothing", kName), EINVAL);
  return check_packets(kName, injection.scope(), injection.net_loss().flows());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  NetRule rule = rule_for(kName, preparation.injection.scope(), preparation.injection.net_loss().flows());
  rule.loss = preparation.injection.net_loss().loss();
  return prepare_rule(rule, preparation.net);
}

}  // namespace

constexpr FaultKind kNetLoss{.name = kName,
                             .ends_by_itself = true,
                             .check = check,
                             .prepare = prepare,
                             .undo = undo_rule,
                             .probe = probe_net_drop,
                             .sweep = remove_net_leftovers};

}  // namespace fracas::agent
