#include "controller/plan/resolve_sockets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lib/model/agent.pb.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/net_flows.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

enum class Side { host, service };

// The victims' connections with the hosts of `to`; of everything on the host, or of the target's service alone.
Result<ResolvedFault> resolve_connections(Scene& scene, const std::string& to, Side side, const std::string& what) {
  auto victims = scene.select(scene.spec().on());
  if (!victims) return failure(std::move(victims).error());
  auto peers = scene.select(to);
  if (!peers) return failure(std::move(peers).error());
  const auto other_end = scene.other_end(*peers);
  if (!other_end) return failure(other_end.error());
  ResolvedFault resolved;
  for (const std::string& victim : *victims) {
    const auto prefixes = other_end->prefixes_without(victim);
    if (prefixes.empty()) continue;
    auto injection = injection_for(scene, victim);
    model::Scope& scope = *injection->mutable_scope();
    scope.mutable_to()->Add(prefixes.begin(), prefixes.end());
    if (side == Side::service && model::acts_on_target(scene.spec())) scope.add_services(scene.service);
    resolved.add(victim, std::move(injection));
  }
  if (resolved.victims.empty()) return failure("nobody is left to talk to: `on` and `to` are the same single host");
  resolved.description = fmt::format("{} {}", what, joined(*victims));
  if (!to.empty() && to != "all") resolved.description += " to " + joined(*peers);
  if (const model::NetFlows* flows = model::flows_of(scene.spec()))
    resolved.description += model::describe_flows(*flows);
  return resolved;
}

std::string connects(const model::NetConnect& fault) {
  switch (fault.outcome()) {
    case model::CONNECT_OUTCOME_UNREACHABLE:
      return "connects fail as unreachable on";
    case model::CONNECT_OUTCOME_TIMEOUT:
      return "connects hang on";
    case model::CONNECT_OUTCOME_SLOW:
      return fmt::format("connects +{} on", format_duration(model::from_proto(fault.delay())));
    default:
      return "connects are refused on";
  }
}

}  // namespace

Result<ResolvedFault> resolve_reset(Scene& scene) {
  return resolve_connections(scene, scene.spec().net_reset().to(), Side::host, "reset connections of");
}

Result<ResolvedFault> resolve_connect(Scene& scene) {
  const model::NetConnect& fault = scene.spec().net_connect();
  return resolve_connections(scene, fault.to(), Side::service, connects(fault));
}

Result<ResolvedFault> resolve_dns(Scene& scene) {
  static constexpr const char* kAnswers[] = {"no such name", "server failure", "no answer", "wrong address"};
  const model::NetDns& fault = scene.spec().net_dns();
  auto victims = scene.select(scene.spec().on());
  if (!victims) return failure(std::move(victims).error());
  const auto answer = static_cast<std::size_t>(fault.answer());
  ResolvedFault resolved;
  resolved.description =
      fmt::format("{} for {} on {}{}", answer < std::size(kAnswers) ? kAnswers[answer] : "answer",
                  fmt::join(fault.names(), ", "), joined(*victims), model::describe_flows(fault.flows()));
  for (const std::string& victim : *victims) {
    auto injection = injection_for(scene, victim);
    model::Scope& scope = *injection->mutable_scope();
    scope.mutable_to()->CopyFrom(fault.flows().prefixes());
    if (scope.to().empty())
      for (const char* everybody : {"0.0.0.0/0", "::/0"}) scope.add_to(everybody);
    if (model::acts_on_target(scene.spec())) scope.add_services(scene.service);
    resolved.add(victim, std::move(injection));
  }
  return resolved;
}

std::string describe_disk_error(const model::DiskError& fault) {
  const std::string name = model::DiskError::Errno_Name(fault.error());
  return fmt::format("disk {} on", name.substr(name.find('_') + 1));
}

std::string describe_disk_delay(const model::DiskDelay& fault) {
  return fmt::format("disk +{} on", format_duration(model::from_proto(fault.delay())));
}

std::string describe_disk_throttle(const model::DiskThrottle& fault) {
  std::string limits;
  if (fault.rate() > 0) limits = fmt::format("{} kB/s", fault.rate() / 1000);
  if (fault.call_rate() > 0) limits += fmt::format("{}{:.4g} calls/s", limits.empty() ? "" : ", ", fault.call_rate());
  return fmt::format("disk at {} on", limits);
}

}  // namespace fracas::controller
