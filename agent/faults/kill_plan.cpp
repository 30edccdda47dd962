#include "agent/faults/kill_plan.h"

#include "lib/os/probe.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace fracas::agent {
namespace {

using nlohmann::json;

bool contains(const std::vector<os::ProcessIdentity>& processes, const os::ProcessIdentity& one) {
  return std::any_of(processes.begin(), processes.end(), [&one](const os::ProcessIdentity& other) {
    return other.pid == one.pid && other.start_ticks == one.start_ticks;
  });
}

}  // namespace

std::string to_note(const KillPlan& plan) {
  json killed = json::array();
  for (const os::ProcessIdentity& process : plan.killed)
    killed.push_back({{"pid", process.pid}, {"start_ticks", process.start_ticks}});
  return json{{"restart", plan.restart}, {"killed", killed}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<KillPlan> parse_kill_plan(const std::string& note) {
  try {
    const json value = json::parse(note);
    KillPlan plan;
    value.at("restart").get_to(plan.restart);
    for (const json& process : value.at("killed"))
      plan.killed.push_back(
          {.pid = process.at("pid").get<pid_t>(), .start_ticks = process.at("start_ticks").get<std::uint64_t>()});
    return plan;
  } catch (const json::exception& wrong) {
    return failure(std::string("its note cannot be read: ") + wrong.what());
  }
}

Result<KillPlan> plan_to_kill(const std::vector<ServiceSite>& sites) {
  KillPlan plan;
  for (const ServiceSite& site : sites) {
    auto processes = processes_of(site);
    if (!processes) return failure(std::move(processes).error());
    if (processes->empty()) continue;
    plan.restart.push_back(site.spec.name);
    plan.killed.insert(plan.killed.end(), processes->begin(), processes->end());
  }
  return plan;
}

Result<KillPlan> plan_to_kill(ChosenProcesses& chosen) {
  auto found = chosen.look();
  if (!found) return failure(std::move(found).error());
  return KillPlan{.restart = {}, .killed = std::move(*found)};
}

Status restart_all(Services& services, KillPlan& plan) {
  while (!plan.restart.empty()) {
    if (auto started = services.restart(plan.restart.back(), plan.killed); !started) return started;
    plan.restart.pop_back();
  }
  return {};
}

Status restart_killed(const KillPlan& plan, const ServiceSite& site) {
  if (std::find(plan.restart.begin(), plan.restart.end(), site.spec.name) == plan.restart.end()) return {};
  auto processes = processes_of(site);
  if (!processes) return failure(std::move(processes).error());
  for (const os::ProcessIdentity& process : *processes)
    if (!contains(plan.killed, process)) return {};  // Somebody restarted it already.
  if (auto ended = end_all(site); !ended) return ended;
  auto started = launch(site);
  if (!started) return failure(std::move(started).error());
  return {};
}

Status undo_kill(const LedgerRecord& record, KilledServices killed) {
  if (record.note.empty() || killed == KilledServices::leave) return {};
  const auto plan = parse_kill_plan(record.note);
  if (!plan) return failure(plan.error());
  for (const ServiceSite& site : record.services) {
    // A process launched into a frozen cgroup would never get to run.
    if (auto thawed = set_frozen(site, false); !thawed) return thawed;
    if (auto restarted = restart_killed(*plan, site); !restarted) return restarted;
  }
  return {};
}

FaultSupport probe_kill() {
  if (const auto works = os::probe_pidfd(); !works) return {.missing = works.error().message};
  return {.available = true, .mechanism = "pidfd", .accuracy = "every process of the service"};
}

}  // namespace fracas::agent
