#include "controller/world/lab_heal.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <thread>

#include "controller/world/lab.h"
#include "controller/world/lab_agents.h"
#include "controller/world/lab_cgroup.h"
#include "controller/world/lab_lock.h"
#include "controller/world/lab_plan.h"
#include "controller/world/lab_record.h"
#include "lib/os/cgroup.h"
#include "lib/os/file.h"
#include "lib/os/netlink.h"
#include "lib/os/netns.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;

constexpr Duration kLockWait = std::chrono::seconds(1);

struct Healer {
  fs::path state;
  fs::path agent_program;
  bool all = false;
  LabHealing done;

  void removed(std::string_view id, const std::string& what) {
    done.removed.push_back(fmt::format("lab {}: {}", id, what));
  }
  void remains(std::string_view id, const std::string& what) {
    done.remaining.push_back(fmt::format("lab {}: {}", id, what));
  }
};

std::string lab_cgroup_name(std::string_view id) {
  return fmt::format("fracas/lab-{}", id);
}

// Labs that have a folder or a lock file, each once.
std::set<std::string> recorded_labs(const fs::path& state) {
  std::set<std::string> ids;
  std::error_code failed;
  for (fs::directory_iterator entry(labs_folder(state), failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::string name = entry->path().filename();
    if (name.ends_with(".lock")) name.resize(name.size() - std::string_view(".lock").size());
    if (is_lab_id(name)) ids.insert(name);
  }
  return ids;
}

// The host's network namespace, if a process still keeps it: its agent, or a service of it.
std::optional<os::NetNamespace> living_namespace(const LabRecordHost& host) {
  for (const std::string& name : {host.agent_cgroup, host.cgroup}) {
    const auto cgroup = os::Cgroup::open(name);
    if (!cgroup) continue;
    const auto processes = cgroup->processes();
    if (!processes) continue;
    for (const pid_t pid : *processes)
      if (auto netns = os::NetNamespace::of_process(pid)) return *std::move(netns);
  }
  return std::nullopt;
}

bool has_interface(const os::NetNamespace& netns) {
  const auto socket = os::RouteSocket::open_in(netns);
  return socket && socket->link(kLabInterface);
}

// What one host's ledger still holds is reverted, by its agent if that is still there. Without a namespace there is
// nothing left to revert: all of a lab's faults are in it or in the cgroup.
Status heal_host(const Healer& healer, const LabRecordHost& host) {
  const auto netns = living_namespace(host);
  if (!netns) return {};
  auto healed = heal_agent_state(
      {.program = healer.agent_program, .agent_state = host.agent_state, .network_namespace = netns->fd()});
  // The switch goes with the last agent, and takes the host's cable with it. Then there is no network to be as it was
  // before.
  if (!healed && !has_interface(*netns)) return {};
  return healed;
}

// All hosts at once. What cannot be reverted ends with its processes and its namespace all the same, and these are
// checked; so it is told, but is no remainder.
void heal_hosts(Healer& healer, const LabRecord& record) {
  std::vector<Status> outcomes(record.hosts.size());
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < record.hosts.size(); ++i)
      workers.emplace_back([&, i] { outcomes[i] = heal_host(healer, record.hosts[i]); });
  }
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    if (!outcomes[i])
      healer.removed(record.id, fmt::format("{} with its network, its faults not reverted one by one: {}",
                                            record.hosts[i].name, outcomes[i].error().message));
}

bool remove_processes(Healer& healer, const std::string& id) {
  const auto removed = remove_cgroup(lab_cgroup_name(id));
  if (!removed) {
    healer.remains(id, removed.error().message);
    return false;
  }
  if (*removed) healer.removed(id, "cgroup " + lab_cgroup_name(id));
  return true;
}

bool remove_folder(Healer& healer, const std::string& id) {
  const fs::path folder = labs_folder(healer.state) / id;
  std::error_code failed;
  const auto count = fs::remove_all(folder, failed);
  if (failed) {
    healer.remains(id, fmt::format("folder {}: {}", folder.string(), failed.message()));
    return false;
  }
  if (count > 0) healer.removed(id, "folder " + folder.string());
  return true;
}

Result<LabRecord> read_record(const Healer& healer, const std::string& id) {
  const auto text = os::read_file(lab_record_path(labs_folder(healer.state) / id));
  if (!text) return failure(text.error());
  return parse_lab_record(*text, id, healer.state);
}

// By its record, or where that is missing or damaged by the mark on its cgroup.
bool is_in_use(const Healer& healer, const std::string& id) {
  const auto record = read_record(healer, id);
  const auto owner = record ? std::optional(record->owner) : lab_cgroup_owner(lab_cgroup_name(id));
  return owner && owner->alive();
}

void heal_recorded(Healer& healer, const std::string& id) {
  if (!healer.all && is_in_use(healer, id)) return;
  auto lock = LabLock::take_within(healer.state, id, kLockWait);
  if (!lock) return healer.remains(id, lock.error().message);
  if (!*lock) return;  // Somebody is at it.
  // A lab that was about to be recorded has its owner by now.
  if (!healer.all && is_in_use(healer, id)) return;
  const auto record = read_record(healer, id);
  // Without a readable record the lab has only begun, or somebody damaged it: what its name leads to is removed.
  if (record) heal_hosts(healer, *record);
  if (!remove_processes(healer, id) || !remove_folder(healer, id)) return;
  if (auto removed = std::move(**lock).remove(); !removed) healer.remains(id, removed.error().message);
}

// A cgroup without a folder here: of a lab whose folder was removed by hand, or that another state folder records.
void heal_unrecorded(Healer& healer, const std::string& id) {
  std::error_code none;
  if (fs::exists(labs_folder(healer.state) / id, none)) return;
  const std::string cgroup = lab_cgroup_name(id);
  const auto owner = lab_cgroup_owner(cgroup);
  if (owner && owner->alive() && !healer.all) return;
  if (owner || healer.all)
    static_cast<void>(remove_processes(healer, id));
  else if (remove_empty_cgroup(cgroup))
    healer.removed(id, "cgroup " + cgroup);
}

}  // namespace

LabHealing heal_labs(const LabHealOptions& options) {
  Healer healer{
      .state = fs::absolute(options.state.empty() ? lab_state_root() : options.state),
      .agent_program = options.agent_program.empty() ? os::own_folder() / "fracas-agent" : options.agent_program,
      .all = options.all,
      .done = {}};
  for (const std::string& id : recorded_labs(healer.state)) heal_recorded(healer, id);
  for (const std::string& id : lab_ids_of_cgroups()) heal_unrecorded(healer, id);
  return std::move(healer.done);
}

}  // namespace fracas::controller
