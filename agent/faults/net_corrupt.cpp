#include "agent/faults/net_corrupt.h"

#include <cerrno>

#include <fmt/format.h>

#include "agent/faults/net_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.corrupt";

Status check(const model::Injection& injection) {
  const model::NetCorrupt& fault = injection.net_corrupt();
  if (!(fault.corrupt() > 0 && fault.corrupt() <= 1))
    return failure(fmt::format("{}: a share of {} is not above 0 and at most 1", kName, fault.corrupt()), EINVAL);
  return check_packets(kName, injection.scope(), fault.flows());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::NetCorrupt& fault = preparation.injection.net_corrupt();
  NetRule rule = rule_for(kName, preparation.injection.scope(), fault.flows());
  rule.loss = fault.corrupt();
  rule.silent = fault.silent();
  return prepare_rule(rule, preparation);
}

}  // namespace

constexpr FaultKind kNetCorrupt{.name = kName,
                                .ends_by_itself = true,
                                .check = check,
                                .prepare = prepare,
                                .undo = undo_rule,
                                .probe = probe_net_line,
                                .sweep = remove_net_leftovers};

}  // namespace fracas::agent
