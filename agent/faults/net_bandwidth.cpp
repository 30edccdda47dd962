#include "agent/faults/net_bandwidth.h"

#include <cerrno>

#include <fmt/format.h>

#include "agent/faults/net_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.bandwidth";

Status check(const model::Injection& injection) {
  const model::NetBandwidth& fault = injection.net_bandwidth();
  if (fault.rate() < 1000 || fault.rate() > 100'000'000'000)
    return failure(
        fmt::format("{}: a rate of {} bytes a second is not between 1 kB/s and 100 GB/s", kName, fault.rate()), EINVAL);
  return check_packets(kName, injection.scope(), fault.flows());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::NetBandwidth& fault = preparation.injection.net_bandwidth();
  NetRule rule = rule_for(kName, preparation.injection.scope(), fault.flows());
  rule.rate_bytes = fault.rate();
  return prepare_rule(rule, preparation);
}

}  // namespace

constexpr FaultKind kNetBandwidth{.name = kName,
                                  .ends_by_itself = true,
                                  .check = check,
                                  .prepare = prepare,
                                  .undo = undo_rule,
                                  .probe = probe_net_line,
                                  .sweep = remove_net_leftovers};

}  // namespace fracas::agent
