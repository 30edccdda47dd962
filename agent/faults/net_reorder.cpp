#include "agent/faults/net_reorder.h"

#include <cerrno>

#include <fmt/format.h>

#include "agent/faults/net_fault.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.reorder";

Status check(const model::Injection& injection) {
  const model::NetReorder& fault = injection.net_reorder();
  if (!(fault.reorder() > 0 && fault.reorder() <= 1))
    return failure(fmt::format("{}: a share of {} is not above 0 and at most 1", kName, fault.reorder()), EINVAL);
  const Duration delay = model::from_proto(fault.delay());
  if (delay <= Duration::zero() || delay > std::chrono::seconds(60))
    return failure(fmt::format("{}: the delay must be above 0 and at most 60s", kName), EINVAL);
  return check_packets(kName, injection.scope(), fault.flows());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::NetReorder& fault = preparation.injection.net_reorder();
  NetRule rule = rule_for(kName, preparation.injection.scope(), fault.flows());
  rule.loss = fault.reorder();
  rule.delay = model::from_proto(fault.delay());
  return prepare_rule(rule, preparation);
}

}  // namespace

constexpr FaultKind kNetReorder{.name = kName,
                                .ends_by_itself = true,
                                .check = check,
                                .prepare = prepare,
                                .undo = undo_rule,
                                .probe = probe_net_line,
                                .sweep = remove_net_leftovers};

}  // namespace fracas::agent
