#include "controller/plan/resolve.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <set>

#include "controller/plan/partition.h"
#include "controller/plan/victims.h"
#include "lib/base/ensure.h"
#include "lib/base/random.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

// What every kind of fault is resolved from.
struct Scene {
  const model::Experiment& experiment;
  const PlannedFault& fault;
  const std::vector<std::string>& hosts;
  const std::string& leader;
  const std::map<std::string, HostAddresses>& addresses;
  const std::string& service;
  model::HostCounts counts;
  RandomStream random;

  const model::FaultSpec& spec() const { return experiment.fault(static_cast<int>(fault.spec)); }

  Result<std::set<std::string>> select(const std::string& text) {
    auto selection = model::parse_selection(text.empty() ? "all" : text);
    if (!selection) return failure(std::move(selection).error());
    return select_hosts(*selection, counts, leader, random);
  }
};

std::string joined(const std::set<std::string>& names) { return fmt::format("{}", fmt::join(names, " ")); }

// Both addresses of a host, so that a fault hits whichever the target uses.
Status add_prefixes(const Scene& scene, const std::string& host, std::vector<std::string>& prefixes) {
  const auto found = scene.addresses.find(host);
  if (found == scene.addresses.end()) return failure(fmt::format("host {} has no known address", host));
  prefixes.push_back(found->second.ipv4 + "/32");
  prefixes.push_back(found->second.ipv6 + "/128");
  return {};
}

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
  const bool groups = std::all_of(by_view.begin(), by_view.end(), [](const auto& view) { return view.first == view.second; });
  std::vector<std::string> parts;
  for (const auto& [heard, members] : by_view)
    parts.push_back(groups ? joined(members) : fmt::format("{} hears {}", joined(members), joined(heard)));
  std::sort(parts.begin(), parts.end());
  return fmt::format("{}", fmt::join(parts, groups ? " | " : ", "));
}

Result<ResolvedFault> resolve_partition(Scene& scene, const model::NetPartition& partition) {
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

  // Every packet is dropped where it arrives: to its sender it is lost on the wire.
  ResolvedFault resolved;
  resolved.description = describe(*cuts, hosts);
  for (std::size_t to = 0; to < hosts.size(); ++to) {
    NetInjection rule;
    rule.fault = NetFault::partition;
    rule.loss = 1;
    rule.seed = scene.fault.seed;
    for (std::size_t from = 0; from < hosts.size(); ++from) {
      if (!cuts->cut[from][to]) continue;
      if (auto added = add_prefixes(scene, hosts[from], rule.from); !added) return failure(std::move(added).error());
    }
    if (rule.from.empty()) continue;
    resolved.victims.push_back(hosts[to]);
    resolved.injections[hosts[to]] = std::move(rule);
  }
  return resolved;
}

// The common part of loss and delay: on each victim a rule for its packets from and to the hosts of `to`.
Result<ResolvedFault> resolve_rule(Scene& scene, const std::string& to, bool in, bool out,
                                   const NetInjection& what, const std::string& verb) {
  auto victims = scene.select(scene.spec().on());
  auto peers = scene.select(to);
  if (!victims) return failure(std::move(victims).error());
  if (!peers) return failure(std::move(peers).error());
  ResolvedFault resolved;
  for (const std::string& victim : *victims) {
    NetInjection rule = what;
    rule.seed = RandomStream(scene.fault.seed, victim).next();
    for (const std::string& peer : *peers) {
      if (peer == victim) continue;
      Status added = in ? add_prefixes(scene, peer, rule.from) : Status{};
      if (added && out) added = add_prefixes(scene, peer, rule.to);
      if (!added) return failure(std::move(added).error());
    }
    if (rule.from.empty() && rule.to.empty()) continue;
    resolved.victims.push_back(victim);
    resolved.injections[victim] = std::move(rule);
  }
  if (resolved.victims.empty()) return failure("nobody is left to talk to: `on` and `to` are the same single host");
  resolved.description = fmt::format("{} on {}", verb, joined(*victims));
  if (!to.empty() && to != "all") resolved.description += " to " + joined(*peers);
  return resolved;
}

Result<ResolvedFault> resolve_loss(Scene& scene, const model::NetLoss& loss) {
  NetInjection what;
  what.fault = NetFault::loss;
  what.loss = loss.loss();
  const bool in = loss.direction() != model::DIRECTION_OUT;
  const bool out = loss.direction() != model::DIRECTION_IN;
  return resolve_rule(scene, loss.to(), in, out, what, fmt::format("{:.3g}% loss", loss.loss() * 100));
}

Result<ResolvedFault> resolve_delay(Scene& scene, const model::NetDelay& delay) {
  NetInjection what;
  what.fault = NetFault::delay;
  what.delay = model::from_proto(delay.delay());
  what.jitter = model::from_proto(delay.jitter());
  std::string verb = "+" + format_duration(what.delay);
  if (what.jitter.count() > 0) verb += " ± " + format_duration(what.jitter);
  return resolve_rule(scene, delay.to(), false, true, what, verb);
}

int signal_number(model::Signal signal) {
  switch (signal) {
    case model::SIGNAL_TERM:
      return SIGTERM;
    case model::SIGNAL_INT:
      return SIGINT;
    case model::SIGNAL_HUP:
      return SIGHUP;
    case model::SIGNAL_QUIT:
      return SIGQUIT;
    case model::SIGNAL_ABRT:
      return SIGABRT;
    default:
      return SIGKILL;
  }
}

Result<ResolvedFault> resolve_process(Scene& scene, const ProcessInjection& what, const std::string& verb) {
  auto victims = scene.select(scene.spec().on());
  if (!victims) return failure(std::move(victims).error());
  ResolvedFault resolved;
  resolved.description = fmt::format("{} {}", verb, joined(*victims));
  for (const std::string& victim : *victims) {
    resolved.victims.push_back(victim);
    resolved.injections[victim] = what;
  }
  return resolved;
}

Result<ResolvedFault> resolve_kill(Scene& scene, const model::ProcessKill& kill) {
  ProcessInjection what;
  what.fault = ProcessFault::kill;
  what.services = {scene.service};
  what.signal = signal_number(kill.signal());
  if (kill.has_restart_after()) what.restart_after = model::from_proto(kill.restart_after());
  return resolve_process(scene, what, what.signal == SIGKILL ? "kill -9" : fmt::format("kill -{}", what.signal));
}

Result<ResolvedFault> resolve_pause(Scene& scene) {
  ProcessInjection what;
  what.fault = ProcessFault::pause;
  what.services = {scene.service};
  return resolve_process(scene, what, "freeze");
}

}  // namespace

bool needs_leader(const model::Experiment& experiment, const PlannedFault& fault) {
  const model::FaultSpec& spec = experiment.fault(static_cast<int>(fault.spec));
  const auto asks = [](const std::string& text) {
    const auto selection = model::parse_selection(text.empty() ? "all" : text);
    return selection && selection->needs_leader();
  };
  if (asks(spec.on())) return true;
  if (spec.has_net_loss()) return asks(spec.net_loss().to());
  return spec.has_net_delay() && asks(spec.net_delay().to());
}

Result<ResolvedFault> resolve(const model::Experiment& experiment, const PlannedFault& fault,
                              const std::vector<std::string>& hosts, const std::string& leader,
                              const std::map<std::string, HostAddresses>& addresses, const std::string& service) {
  Scene scene{experiment, fault,   hosts, leader, addresses, service, model::host_counts(experiment),
              RandomStream(fault.seed, "victims")};
  const model::FaultSpec& spec = scene.spec();
  switch (spec.kind_case()) {
    case model::FaultSpec::kNetPartition:
      return resolve_partition(scene, spec.net_partition());
    case model::FaultSpec::kNetLoss:
      return resolve_loss(scene, spec.net_loss());
    case model::FaultSpec::kNetDelay:
      return resolve_delay(scene, spec.net_delay());
    case model::FaultSpec::kProcessKill:
      return resolve_kill(scene, spec.process_kill());
    case model::FaultSpec::kProcessPause:
      return resolve_pause(scene);
    case model::FaultSpec::KIND_NOT_SET:
      break;
  }
  return failure("a fault without a kind");
}

}  // namespace fracas::controller
