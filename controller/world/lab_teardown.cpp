#include <fmt/format.h>

#include <thread>

#include "controller/world/lab_cgroup.h"
#include "controller/world/lab_parts.h"
#include "controller/world/lab_record.h"
#include "lib/os/cgroup.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

constexpr std::chrono::milliseconds kAgentPatience{4'000};
constexpr Duration kLockWait = std::chrono::seconds(15);  // a heal of all labs may be at it

// Each agent reverts all it knows of and says what it could not. Those that do not answer are left to heal_by_ledger.
std::vector<bool> heal_by_agents(Lab::Parts& parts, Lines& left) {
  std::vector<std::optional<Result<AgentHealing>>> answers(parts.agents.size());
  {
    std::vector<std::jthread> askers;
    for (std::size_t i = 0; i < parts.agents.size(); ++i)
      askers.emplace_back([&parts, &answers, i] { answers[i] = parts.clients[i].heal(); });
  }
  std::vector<bool> healed(parts.plan.hosts.size(), false);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    healed[i] = answers[i]->has_value();
    if (!healed[i]) continue;
    for (const std::string& line : (*answers[i])->leftovers) left.push_back(parts.hosts[i].name + ": " + line);
  }
  return healed;
}

void heal_by_ledger(const Lab::Parts& parts, const std::vector<bool>& healed, Lines& left) {
  if (!parts.network) return;
  for (std::size_t i = 0; i < parts.plan.hosts.size(); ++i) {
    if (healed[i]) continue;
    // An agent that was killed leaves its guardian behind, which uses the same ledger.
    Status done = empty_cgroup(parts.plan.hosts[i].agent_cgroup);
    if (done)
      done = heal_agent_state({.program = parts.agent_program,
                               .agent_state = parts.plan.hosts[i].agent_state,
                               .network_namespace = parts.network->hosts[i].fd()});
    if (!done) left.push_back(parts.hosts[i].name + ": " + done.error().message);
  }
}

void append_namespaces(const Lab::Parts& parts, Lines& lines) {
  for (const NamespaceMember& member : namespace_members(parts.namespaces))
    lines.push_back(fmt::format("network namespace {} (process {}, {})", member.inode, member.pid, member.command));
}

}  // namespace

Lines lab_leftovers(const Lab::Parts& parts) {
  Lines lines;
  std::error_code none;
  if (parts.network) {
    for (const Host& host : parts.hosts) lines.push_back("network namespace of " + host.name);
    append_namespaces(parts, lines);
  }
  for (const LabAgent& agent : parts.agents)
    lines.push_back(fmt::format("agent {} (process {})", agent.name, agent.process.pid()));
  if (const auto cgroup = os::Cgroup::open(parts.plan.cgroup))
    lines.push_back(fmt::format("cgroup {} ({} processes)", parts.plan.cgroup,
                                cgroup->processes().value_or(std::vector<pid_t>()).size()));
  if (fs::exists(parts.plan.directory, none)) lines.push_back("folder " + parts.plan.directory.string());
  return lines;
}

Lines remove_lab(Lab::Parts& parts) {
  Lines left;
  auto lock = LabLock::take_within(parts.state, parts.plan.id, kLockWait);
  std::vector<bool> healed(parts.plan.hosts.size(), true);
  if (parts.complete) healed = heal_by_agents(parts, left);
  end_lab_agents(parts.agents, kAgentPatience);
  heal_by_ledger(parts, healed, left);
  parts.complete = false;
  if (auto removed = remove_cgroup(parts.plan.cgroup); !removed) left.push_back(removed.error().message);
  // The kernel gives the inode numbers of namespaces that are gone to the next ones, of other labs perhaps: whether
  // somebody is still in ours can only be said while we hold them.
  if (namespace_members(parts.namespaces).empty()) parts.network.reset();
  std::error_code failed;
  fs::remove_all(parts.plan.directory, failed);
  if (failed) left.push_back("folder " + parts.plan.directory.string() + ": " + failed.message());
  for (std::string& line : lab_leftovers(parts)) left.push_back(std::move(line));
  // The lock file is the last trace; without the lock, another process is at it and will remove it.
  if (lock && *lock && left.empty())
    if (auto removed = std::move(**lock).remove(); !removed) left.push_back(removed.error().message);
  return left;
}

}  // namespace fracas::controller
