#include "agent/faults/net_connect.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "agent/faults/guarded_effect.h"
#include "agent/faults/net_fault.h"
#include "agent/faults/socket_flows.h"
#include "agent/scope.h"
#include "agent/sockets/net_connect.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/cgroup.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.connect";

ConnectOutcome outcome_of(model::ConnectOutcome outcome) {
  switch (outcome) {
    case model::CONNECT_OUTCOME_UNREACHABLE:
      return ConnectOutcome::unreachable;
    case model::CONNECT_OUTCOME_TIMEOUT:
      return ConnectOutcome::timeout;
    case model::CONNECT_OUTCOME_SLOW:
      return ConnectOutcome::slow;
    default:
      return ConnectOutcome::refused;
  }
}

NetConnectRule rule_of(const model::Injection& injection) {
  const model::NetConnect& fault = injection.net_connect();
  const auto& peers = injection.scope().to();
  return {.peers = {peers.begin(), peers.end()},
          .ports = ports_of(fault.flows()),
          .outcome = outcome_of(fault.outcome()),
          .delay = model::from_proto(fault.delay()),
          .share = share_of(fault.flows()),
          .seed = injection.scope().seed()};
}

Status check(const model::Injection& injection) {
  const std::string kind(kName);
  const NetConnectRule rule = rule_of(injection);
  if (auto good = check_tcp_flows(kName, injection.net_connect().flows()); !good) return good;
  if (auto good = check_net_connect(rule); !good) return failure(std::move(good).error().context(kind));
  if (auto peers = require_peers(kName, injection.scope()); !peers) return peers;
  if (!injection.net_connect().flows().has_senders()) return require_services(kName, injection.scope());
  if (injection.scope().services_size() > 0) return failure("net.connect names services and chooses senders", EINVAL);
  auto right = check_senders(injection.net_connect().flows().senders());
  return right ? right : failure(std::move(right).error().context(kName));
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const auto cgroups = sender_cgroups(preparation);
  if (!cgroups) return failure(cgroups.error());
  NetConnectRule rule = rule_of(preparation.injection);
  rule.spared = preparation.net.spared();
  auto effect = make_net_connect(rule, *cgroups);
  if (!effect) return failure(std::move(effect).error());
  return guard_effect(std::move(*effect), kName, preparation.net);
}

// The programs end with their window, and go with the last descriptor.
Status undo(const LedgerRecord& /*record*/, KilledServices /*killed*/) {
  return {};
}

FaultSupport probe() {
  auto cgroup = os::Cgroup::create("fracas-probe-connect-" + std::to_string(::getpid()));
  if (!cgroup) return {.missing = cgroup.error().message};
  const auto effect =
      make_net_connect({.outcome = ConnectOutcome::slow, .delay = std::chrono::seconds(1)}, {cgroup->path()});
  static_cast<void>(cgroup->remove());
  if (!effect) return {.missing = effect.error().message};
  return {.available = true, .mechanism = "cgroup-bpf", .accuracy = "every attempt; slow ones to a kernel tick"};
}

}  // namespace

constexpr FaultKind kNetConnect{
    .name = kName, .ends_by_itself = true, .check = check, .prepare = prepare, .undo = undo, .probe = probe};

}  // namespace fracas::agent
