#include "agent/faults/net_fault.h"

#include <cerrno>

#include <fmt/format.h>

#include "agent/scope.h"
#include "lib/model/agent.pb.h"
#include "lib/model/net_flows.h"
#include "lib/model/process_selector.h"

namespace fracas::agent {
namespace {

NetProtocol protocol_of(model::Protocol protocol) {
  switch (protocol) {
    case model::PROTOCOL_TCP:
      return NetProtocol::tcp;
    case model::PROTOCOL_UDP:
      return NetProtocol::udp;
    case model::PROTOCOL_ICMP:
      return NetProtocol::icmp;
    default:
      return NetProtocol::any;
  }
}

}  // namespace

Status check_senders(const model::ProcessSelector& senders) {
  if (auto right = model::check_selector(senders); !right) return right;
  if (!senders.cgroup().empty() || !senders.container().empty()) return {};
  return failure("senders are told by their cgroup: choose them by cgroup or container", EINVAL);
}

Status check_packets(std::string_view kind, const model::Scope& scope, const model::NetFlows& flows) {
  if (!model::Protocol_IsValid(flows.protocol()))
    return failure(fmt::format("{}: unknown protocol {}", kind, static_cast<int>(flows.protocol())), EINVAL);
  if (auto right = model::check_flows(flows); !right)
    return failure(fmt::format("{}: {}", kind, right.error().message), EINVAL);
  if (scope.services_size() > 0 && flows.has_senders())
    return failure(fmt::format("{} names services and chooses senders", kind), EINVAL);
  if (flows.has_senders())
    if (auto right = check_senders(flows.senders()); !right) return failure(std::move(right).error().context(kind));
  if ((scope.services_size() > 0 || flows.has_senders()) && scope.from_size() > 0)
    return failure(fmt::format("{}: what arrives belongs to no sender here yet", kind), EINVAL);
  return require_peers(kind, scope);
}

NetRule rule_for(std::string_view kind, const model::Scope& scope, const model::NetFlows& flows) {
  NetRule rule;
  rule.kind = kind;
  rule.from.assign(scope.from().begin(), scope.from().end());
  rule.to.assign(scope.to().begin(), scope.to().end());
  rule.ports.assign(flows.ports().begin(), flows.ports().end());
  rule.protocol = protocol_of(flows.protocol());
  if (flows.share() > 0) rule.flow_share = flows.share();
  // Both ends must choose the same connections, but not the same packets of them.
  rule.flow_seed = scope.common_seed();
  rule.seed = scope.seed();
  return rule;
}

Result<std::vector<std::filesystem::path>> sender_cgroups(const Preparation& preparation) {
  std::vector<std::filesystem::path> cgroups = preparation.senders;
  for (const ServiceSite& victim : preparation.victims) {
    if (victim.cgroup.empty())
      return failure("to tell one service's packets from others it needs a cgroup2 file system, and none is mounted",
                     ENOTSUP);
    cgroups.push_back(victim.cgroup);
  }
  return cgroups;
}

Result<std::unique_ptr<Effect>> prepare_rule(NetRule rule, const Preparation& preparation) {
  auto cgroups = sender_cgroups(preparation);
  if (!cgroups) return failure(std::move(cgroups).error());
  for (const std::filesystem::path& cgroup : *cgroups) rule.cgroups.push_back(cgroup.string());
  auto plane = preparation.net.get();
  if (!plane) return failure(std::move(plane).error());
  return (*plane)->prepare(rule);
}

Status undo_rule(const LedgerRecord& /*record*/, KilledServices /*killed*/) {
  return {};
}

}  // namespace fracas::agent
