#include "agent/faults/net_delay.h"

#include <cerrno>

#include <fmt/format.h>

#include "agent/faults/net_fault.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kName = "net.delay";

NetSpread spread_of(model::NetDelay::Spread spread) {
  if (spread == model::NetDelay::SPREAD_NORMAL) return NetSpread::normal;
  return spread == model::NetDelay::SPREAD_PARETO ? NetSpread::pareto : NetSpread::uniform;
}

Status check(const model::Injection& injection) {
  const model::NetDelay& fault = injection.net_delay();
  const Duration delay = model::from_proto(fault.delay());
  const Duration jitter = model::from_proto(fault.jitter());
  if (delay < Duration::zero() || delay > 60s)
    return failure(fmt::format("{}: the delay must be between 0 and 60s", kName), EINVAL);
  if (delay == Duration::zero()) return failure(fmt::format("{} without a delay does nothing", kName), EINVAL);
  if (jitter < Duration::zero() || jitter > delay)
    return failure(fmt::format("{}: the jitter must be between 0 and the delay", kName), EINVAL);
  if (!(fault.correlation() >= 0 && fault.correlation() < 1))
    return failure(fmt::format("{}: a correlation of {} is not in [0, 1)", kName, fault.correlation()), EINVAL);
  return check_packets(kName, injection.scope(), fault.flows());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::NetDelay& fault = preparation.injection.net_delay();
  NetRule rule = rule_for(kName, preparation.injection.scope(), fault.flows());
  rule.delay = model::from_proto(fault.delay());
  rule.jitter = model::from_proto(fault.jitter());
  rule.spread = spread_of(fault.spread());
  rule.correlation = fault.correlation();
  rule.reorder = fault.reorder();
  return prepare_rule(rule, preparation);
}

}  // namespace

constexpr FaultKind kNetDelay{.name = kName,
                              .ends_by_itself = true,
                              .check = check,
                              .prepare = prepare,
                              .undo = undo_rule,
                              .probe = probe_net_delay,
                              .sweep = remove_net_leftovers};

}  // namespace fracas::agent
