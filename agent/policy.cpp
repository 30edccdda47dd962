#include "agent/policy.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/catalogue.h"
#include "agent/policy_scope.h"
#include "agent/processes/process_facts.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t kSshPort = 22;

// A sentence that ends with the rule and the file that has it.
tl::unexpected<Error> forbidden(const Policy& policy, std::string_view rule, const std::string& what) {
  if (policy.source.empty()) return failure(fmt::format("{} ({}, the policy without a file)", what, rule), EPERM);
  return failure(fmt::format("{} ({} in {})", what, rule, policy.source), EPERM);
}

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

bool any_matches(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&name](const std::string& pattern) { return matches(pattern, name); });
}

Status check_kind(const Policy& policy, const std::string& kind) {
  if (any_matches(policy.kinds_forbidden, kind))
    return forbidden(policy, "kinds_forbidden", fmt::format("{} is forbidden on this host", kind));
  if (!policy.kinds_allowed.empty() && !any_matches(policy.kinds_allowed, kind))
    return forbidden(policy, "kinds_allowed", fmt::format("{} is not among the kinds allowed on this host", kind));
  return {};
}

std::string describe(const PolicyVictim& victim) {
  if (victim.service.empty())
    return fmt::format("the process '{}' ({})", victim.name.empty() ? victim.program : victim.name, victim.pid);
  if (victim.pid == 0) return fmt::format("the program '{}' of service '{}'", victim.program, victim.service);
  return fmt::format("the process '{}' ({}) of service '{}'", victim.name.empty() ? victim.program : victim.name,
                     victim.pid, victim.service);
}

// The kernel keeps 15 characters of a process's name; a longer rule means processes that begin so.
bool is_protected_name(const std::string& pattern, const PolicyVictim& victim) {
  constexpr std::size_t kNameLengthMax = 15;
  if (matches(pattern, victim.program)) return true;
  if (victim.name.empty()) return false;
  const bool cut = victim.name.size() == kNameLengthMax && pattern.size() > kNameLengthMax;
  return matches(cut && pattern.find('*') == std::string::npos ? pattern.substr(0, kNameLengthMax) : pattern,
                 victim.name);
}

Status check_victims(const Policy& policy, const PolicyFacts& facts) {
  for (const PolicyVictim& victim : facts.victims) {
    for (const std::string& pattern : policy.processes)
      if (is_protected_name(pattern, victim))
        return forbidden(policy, "protect.processes",
                         fmt::format("{} is protected by '{}'", describe(victim), pattern));
    for (const std::string& cgroup : policy.cgroups)
      if (lies_in(victim.cgroup, cgroup))
        return forbidden(policy, "protect.cgroups",
                         fmt::format("{} is in the protected cgroup '{}'", describe(victim), cgroup));
  }
  if (policy.victims_max && facts.victims_at_once > *policy.victims_max)
    return forbidden(policy, "victims_max",
                     fmt::format("faults would act on {} processes at once, at most {} are allowed",
                                 facts.victims_at_once, *policy.victims_max));
  return {};
}

bool overlap(const model::PortRange& one, const model::PortRange& other) {
  return one.first <= other.last && other.first <= one.last;
}

bool claims(const PortClaim& claim, const model::PortRange& range) {
  return std::any_of(claim.ports.begin(), claim.ports.end(),
                     [&range](const auto& mine) { return overlap(mine, range); });
}

std::string written(const model::PortRange& range) {
  return range.first == range.last ? fmt::format("{}", range.first) : fmt::format("{}-{}", range.first, range.last);
}

// Ports that every policy protects, each with whose it is.
struct ControlPort {
  std::uint16_t port;
  std::string_view whose;
};

std::array<ControlPort, 2> control_ports(const PolicyFacts& facts) {
  return {{{kSshPort, "ssh"}, {facts.agent_port, "this agent"}}};
}

// Named ports are refused outright; a fault on all of them leaves the protected ones out by itself.
Status check_ports(const Policy& policy, const std::string& kind, const PortClaim& claim, const PolicyFacts& facts) {
  if (claim.ports.empty()) return {};
  for (const model::PortRange& range : policy.ports)
    if (claims(claim, range))
      return forbidden(policy, "protect.ports",
                       fmt::format("{} would act on the protected port {}", kind, written(range)));
  for (const ControlPort& control : control_ports(facts))
    if (control.port != 0 && claims(claim, {control.port, control.port}))
      return forbidden(policy, "always so",
                       fmt::format("{} would act on port {} of {}", kind, control.port, control.whose));
  return {};
}

Status check_packets(const Policy& policy, const std::string& kind, const Order& order, const PolicyFacts& facts) {
  const PortClaim claim = ports_of(order.injection);
  if (claim.packets && !facts.has_interface)
    return forbidden(policy, "protect.interfaces", fmt::format("{}: all interfaces are protected", kind));
  if (!claim.transport) return {};
  return check_ports(policy, kind, claim, facts);
}

// True if one is the other, or lies in it.
bool same_or_within(const fs::path& inner, const fs::path& outer) {
  const auto [at, end] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return at == outer.end();
}

// A relative path lies in the working folder of each service, which is its victim anyway.
std::vector<fs::path> touched_paths(const Order& order, const PolicyFacts& facts) {
  std::vector<fs::path> touched;
  for (const fs::path& path : paths_of(order.injection)) {
    if (path.is_absolute()) touched.push_back(path.lexically_normal());
    for (const fs::path& folder : facts.folders)
      if (path.is_relative()) touched.push_back((folder / path).lexically_normal());
  }
  return touched;
}

Status check_paths(const Policy& policy, const std::string& kind, const Order& order, const PolicyFacts& facts) {
  std::vector<fs::path> touched = touched_paths(order, facts);
  if (kind.starts_with("disk.")) touched.insert(touched.end(), facts.folders.begin(), facts.folders.end());
  for (const fs::path& path : touched)
    for (const fs::path& kept : policy.paths)
      if (same_or_within(path, kept) || same_or_within(kept, path))
        return forbidden(policy, "protect.paths",
                         fmt::format("{} on {} would touch the protected {}", kind, path.string(), kept.string()));
  return {};
}

}  // namespace

bool is_protected(const Policy& policy, const PolicyVictim& victim) {
  const auto named = [&victim](const std::string& pattern) { return is_protected_name(pattern, victim); };
  const auto placed = [&victim](const std::string& cgroup) { return lies_in(victim.cgroup, cgroup); };
  return std::any_of(policy.processes.begin(), policy.processes.end(), named) ||
         std::any_of(policy.cgroups.begin(), policy.cgroups.end(), placed);
}

std::vector<model::PortRange> spared_ports(const Policy& policy, std::uint16_t agent_port) {
  std::vector<model::PortRange> spared = policy.ports;
  spared.push_back({kSshPort, kSshPort});
  if (agent_port != 0) spared.push_back({agent_port, agent_port});
  return spared;
}

tl::unexpected<Error> frozen(const Policy& policy, const fs::path& by) {
  return forbidden(policy, "freeze_file", fmt::format("faults are frozen on this host while {} exists", by.string()));
}

Status check_policy(const Policy& policy, const Order& order, const PolicyFacts& facts) {
  if (facts.frozen_by) return frozen(policy, *facts.frozen_by);
  const FaultKind* known = kind_of(order.injection);
  const std::string kind(known == nullptr ? "a fault of an unknown kind" : known->name);
  if (auto allowed = check_kind(policy, kind); !allowed) return allowed;
  if (acts_on_system_clock(order.injection) && !policy.allow_system_clock)
    return forbidden(policy, "allow_system_clock",
                     fmt::format("{} with `system` would set the clock of the whole machine", kind));
  if (auto allowed = check_victims(policy, facts); !allowed) return allowed;
  if (auto allowed = check_packets(policy, kind, order, facts); !allowed) return allowed;
  return check_paths(policy, kind, order, facts);
}

Status check_policy_window(const Policy& policy, const Window& window) {
  const Duration length(window.end_ns - window.start_ns);
  if (length <= policy.window_max) return {};
  return forbidden(policy, "window_max",
                   fmt::format("the window of {} is longer than the {} that are allowed", describe_duration(length),
                               format_duration(policy.window_max)));
}

Result<std::vector<std::string>> allowed_interfaces(const Policy& policy, const std::vector<std::string>& wanted,
                                                    const std::vector<std::string>& present) {
  std::vector<std::string> allowed;
  for (const std::string& name : wanted.empty() ? present : wanted) {
    const bool kept = any_matches(policy.interfaces, name);
    if (kept && !wanted.empty())
      return forbidden(policy, "protect.interfaces", fmt::format("the interface '{}' is protected", name));
    if (!kept) allowed.push_back(name);
  }
  return allowed;
}

}  // namespace fracas::agent
