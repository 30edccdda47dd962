#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "controller/plan/partition.h"
#include "controller/plan/scene.h"
#include "lib/base/ensure.h"
#include "lib/model/agent.pb.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/net_flows.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

PartitionShape shape_of(model::NetPartition::Shape shape) {
  switch (shape) {
    case model::NetPartition::SHAPE_ISOLATE:
      return PartitionShape::isolate;
    case model::NetPartition::SHAPE_MAJORITY_MINORITY:
      return PartitionShape::majority_minority;
    case model::NetPartition::SHAPE_MAJORITIES_RING:
      return PartitionShape::majorities_ring;
    case model::NetPartition::SHAPE_BRIDGE:
      return PartitionShape::bridge;
    case model::NetPartition::SHAPE_ONE_WAY:
      return PartitionShape::one_way;
    case model::NetPartition::SHAPE_GROUPS:
      return PartitionShape::groups;
    default:
      return PartitionShape::halves;
  }
}

// "n1 n2 | n3 n4 n5" where the cuts are groups; otherwise who hears whom: "n1 hears n2 n5, n2 hears …".
std::string describe(const Cuts& cuts, const std::vector<std::string>& hosts) {
  std::map<std::set<std::string>, std::set<std::string>> by_view;  // whom they hear, themselves included -> hosts
  for (std::size_t to = 0; to < hosts.size(); ++to) {
    std::set<std::string> heard;
    for (std::size_t from = 0; from < hosts.size(); ++from)
      if (!cuts.cut[from][to]) heard.insert(hosts[from]);
    by_view[heard].insert(hosts[to]);
  }
  const bool groups =
      std::all_of(by_view.begin(), by_view.end(), [](const auto& view) { return view.first == view.second; });
  std::vector<std::string> parts;
  for (const auto& [heard, members] : by_view)
    parts.push_back(groups ? joined(members) : fmt::format("{} hears {}", joined(members), joined(heard)));
  std::sort(parts.begin(), parts.end());
  return fmt::format("{}", fmt::join(parts, groups ? " | " : ", "));
}

std::string flows_text(const Scene& scene) {
  const model::NetFlows* flows = model::flows_of(scene.spec());
  return flows == nullptr ? "" : model::describe_flows(*flows);
}

// Limits the injection to what the target's processes send, if the fault is so.
void limit_to_target(const Scene& scene, model::Scope& scope) {
  const model::NetFlows* flows = model::flows_of(scene.spec());
  if (flows != nullptr && flows->target_only()) scope.add_services(scene.service);
}

// The hosts of `on` alone, cut off from addresses: nobody there could drop anything, so all is dropped here.
Result<ResolvedFault> resolve_cut_off(Scene& scene) {
  const model::NetPartition& partition = scene.spec().net_partition();
  auto victims = scene.select(scene.spec().on());
  if (!victims) return failure(std::move(victims).error());
  const auto& prefixes = partition.flows().prefixes();
  const bool one_way = partition.shape() == model::NetPartition::SHAPE_ONE_WAY || partition.flows().target_only();
  ResolvedFault resolved;
  resolved.description = "cut off " + joined(*victims) + flows_text(scene);
  for (const std::string& victim : *victims) {
    auto injection = injection_for(scene, victim);
    model::Scope& scope = *injection->mutable_scope();
    scope.mutable_to()->Add(prefixes.begin(), prefixes.end());
    if (!one_way) scope.mutable_from()->Add(prefixes.begin(), prefixes.end());
    limit_to_target(scene, scope);
    resolved.add(victim, std::move(injection));
  }
  return resolved;
}

}  // namespace

Result<ResolvedFault> resolve_traffic(Scene& scene, const std::string& what) {
  const std::string* to = model::peers_of(scene.spec());
  const auto direction = model::direction_of(scene.spec());
  ensure(to != nullptr && direction, "a fault of the victims' traffic says with whom, and which way");
  auto victims = scene.select(scene.spec().on());
  if (!victims) return failure(std::move(victims).error());
  auto peers = scene.select(*to);
  if (!peers) return failure(std::move(peers).error());
  const auto other_end = scene.other_end(*peers);
  if (!other_end) return failure(other_end.error());
  ResolvedFault resolved;
  for (const std::string& victim : *victims) {
    const auto prefixes = other_end->prefixes_without(victim);
    if (prefixes.empty()) continue;
    auto injection = injection_for(scene, victim);
    model::Scope& scope = *injection->mutable_scope();
    if (direction != model::DIRECTION_OUT) scope.mutable_from()->Add(prefixes.begin(), prefixes.end());
    if (direction != model::DIRECTION_IN) scope.mutable_to()->Add(prefixes.begin(), prefixes.end());
    limit_to_target(scene, scope);
    resolved.add(victim, std::move(injection));
  }
  if (resolved.victims.empty()) return failure("nobody is left to talk to: `on` and `to` are the same single host");
  resolved.description = fmt::format("{} on {}", what, joined(*victims));
  if (!to->empty() && *to != "all") resolved.description += " to " + joined(*peers);
  resolved.description += flows_text(scene);
  return resolved;
}

Result<ResolvedFault> resolve_partition(Scene& scene) {
  const model::NetPartition& partition = scene.spec().net_partition();
  if (partition.flows().prefixes_size() > 0) return resolve_cut_off(scene);
  const bool spares_too = partition.shape() == model::NetPartition::SHAPE_GROUPS;
  std::vector<std::string> hosts = scene.hosts;
  if (!spares_too) hosts.resize(scene.counts.nodes);
  const auto index = [&](const std::string& host) {
    const auto found = std::find(hosts.begin(), hosts.end(), host);
    ensure(found != hosts.end(), "the reader checked the hosts' names");
    return static_cast<std::size_t>(found - hosts.begin());
  };
  auto victims = scene.select(scene.spec().on());
  if (!victims) return failure(std::move(victims).error());
  std::vector<std::size_t> victim_indexes;
  for (const std::string& victim : *victims)
    if (std::find(hosts.begin(), hosts.end(), victim) != hosts.end()) victim_indexes.push_back(index(victim));
  std::vector<std::vector<std::size_t>> groups;
  for (const model::HostGroup& group : partition.groups()) {
    groups.emplace_back();
    for (const std::string& host : group.hosts()) groups.back().push_back(index(host));
  }
  if (hosts.size() < 2) return failure("a partition needs at least two hosts");
  auto cuts = partition_cuts(shape_of(partition.shape()), hosts.size(), victim_indexes, groups, scene.random);
  if (!cuts) return failure(std::move(cuts).error());
  if (!cuts->cuts_anything()) return failure("this partition cuts nobody off from anybody");

  // Every packet is dropped where it arrives: to its sender it is lost on the wire. A sender that is to be told is told
  // where it sends, because the answer of the other side would be cut off as well. And only there it is known who
  // sends.
  const bool at_sender = partition.style() == model::NetPartition::STYLE_REJECT || partition.flows().target_only() ||
                         partition.flows().has_senders();
  ResolvedFault resolved;
  resolved.description = describe(*cuts, hosts) + flows_text(scene);
  for (std::size_t here = 0; here < hosts.size(); ++here) {
    std::vector<std::string> cut_off;
    for (std::size_t there = 0; there < hosts.size(); ++there)
      if (at_sender ? cuts->cut[here][there] : cuts->cut[there][here]) cut_off.push_back(hosts[there]);
    if (cut_off.empty()) continue;
    const auto other_end = PeerAddresses::of(cut_off, scene.addresses);
    if (!other_end) return failure(other_end.error());
    const auto prefixes = other_end->prefixes();
    auto injection = injection_for(scene, hosts[here]);
    model::Scope& scope = *injection->mutable_scope();
    (at_sender ? scope.mutable_to() : scope.mutable_from())->Add(prefixes.begin(), prefixes.end());
    limit_to_target(scene, scope);
    resolved.add(hosts[here], std::move(injection));
  }
  return resolved;
}

Result<ResolvedFault> resolve_loss(Scene& scene) {
  return resolve_traffic(scene, fmt::format("{:.3g}% loss", scene.spec().net_loss().loss() * 100));
}

Result<ResolvedFault> resolve_delay(Scene& scene) {
  const model::NetDelay& delay = scene.spec().net_delay();
  const Duration jitter = model::from_proto(delay.jitter());
  std::string what = "+" + format_duration(model::from_proto(delay.delay()));
  if (jitter.count() > 0) what += " ± " + format_duration(jitter);
  return resolve_traffic(scene, what);
}

}  // namespace fracas::controller
