#include "agent/faults/net_loss.h"

#include <cerrno>

#include <fmt/format.h>

#include "agent/faults/net_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.loss";

// The chain that loses `loss` of all packets in bad spells of `burst` packets.
NetBurst chain_of(const model::NetLoss& fault) {
  const double loss_bad = fault.burst_loss() > 0 ? fault.burst_loss() : 1;
  const double bad = fault.loss() / loss_bad;  // share of the time
  const double leave = 1 / fault.burst();
  return {.enter = leave * bad / (1 - bad), .leave = leave, .loss_bad = loss_bad};
}

Status check_burst(const model::NetLoss& fault) {
  if (fault.burst() <= 1) return {};
  const double loss_bad = fault.burst_loss() > 0 ? fault.burst_loss() : 1;
  if (!(fault.burst() <= 10'000) || !(loss_bad <= 1))
    return failure(fmt::format("{}: a burst is of at most 10000 packets, all of them lost", kName), EINVAL);
  if (!(fault.loss() < loss_bad) || chain_of(fault).enter > 1)
    return failure(fmt::format("{}: bad spells of {} packets cannot lose {:.3g}% of all", kName, fault.burst(),
                               fault.loss() * 100),
                   EINVAL);
  return {};
}

Status check(const model::Injection& injection) {
  const double loss = injection.net_loss().loss();
  if (!(loss >= 0 && loss <= 1)) return failure(fmt::format("{}: loss {} is not between 0 and 1", kName, loss), EINVAL);
  if (loss <= 0) return failure(fmt::format("{} with a loss of 0 does nothing", kName), EINVAL);
  if (auto right = check_burst(injection.net_loss()); !right) return right;
  return check_packets(kName, injection.scope(), injection.net_loss().flows());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  NetRule rule = rule_for(kName, preparation.injection.scope(), preparation.injection.net_loss().flows());
  rule.loss = preparation.injection.net_loss().loss();
  if (preparation.injection.net_loss().burst() > 1) rule.burst = chain_of(preparation.injection.net_loss());
  return prepare_rule(rule, preparation);
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
