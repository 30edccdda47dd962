#include "agent/faults/net_reset.h"

#include <cerrno>

#include "agent/faults/socket_flows.h"
#include "agent/scope.h"
#include "agent/sockets/net_reset.h"
#include "agent/sockets/tcp_connections.h"
#include "lib/model/agent.pb.h"
#include "lib/os/netns.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.reset";

Status check(const model::Injection& injection) {
  if (auto good = check_tcp_flows(kName, injection.net_reset().flows()); !good) return good;
  if (injection.net_reset().flows().has_senders())
    return failure("net.reset acts on the connections of the whole host, whoever sends", EINVAL);
  return require_peers(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::Scope& scope = preparation.injection.scope();
  const model::NetFlows& flows = preparation.injection.net_reset().flows();
  auto effect = make_net_reset({.peers = {scope.to().begin(), scope.to().end()},
                                .ports = ports_of(flows),
                                .spared = preparation.net.spared(),
                                .share = share_of(flows),
                                .flow_seed = scope.common_seed()});
  if (!effect) return failure(std::move(effect).error());
  return std::unique_ptr<Effect>(std::move(*effect));
}

// What was cut stays cut.
Status undo(const LedgerRecord& /*record*/, KilledServices /*killed*/) {
  return {};
}

FaultSupport probe() {
  auto namespace_of_its_own = os::NetNamespace::create();
  if (!namespace_of_its_own) return {.missing = namespace_of_its_own.error().message};
  const auto works = namespace_of_its_own->run([]() -> Status {
    auto connections = TcpConnections::open();
    return connections ? connections->probe() : Status(failure(std::move(connections).error()));
  });
  if (!works) return {.missing = works.error().message};
  return {.available = true, .mechanism = "sock-destroy", .accuracy = "every connection there is, 13 us each"};
}

}  // namespace

constexpr FaultKind kNetReset{
    .name = kName, .ends_by_itself = true, .check = check, .prepare = prepare, .undo = undo, .probe = probe};

}  // namespace fracas::agent
