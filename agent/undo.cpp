#include "agent/undo.h"

#include <algorithm>

namespace fracas::agent {
namespace {

bool was_killed(const LedgerRecord& record, const os::ProcessIdentity& process) {
  return std::any_of(record.killed.begin(), record.killed.end(), [&process](const os::ProcessIdentity& killed) {
    return killed.pid == process.pid && killed.start_ticks == process.start_ticks;
  });
}

Status restart_killed(const LedgerRecord& record, const ServiceSite& site) {
  if (std::find(record.restart.begin(), record.restart.end(), site.spec.name) == record.restart.end()) return {};
  auto processes = processes_of(site);
  if (!processes) return failure(std::move(processes).error());
  for (const os::ProcessIdentity& process : *processes)
    if (!was_killed(record, process)) return {};  // Somebody restarted it already.
  if (auto ended = end_all(site); !ended) return ended;
  auto started = launch(site);
  if (!started) return failure(std::move(started).error());
  return {};
}

}  // namespace

bool is_process_fault(const LedgerRecord& record) {
  return record.kind.starts_with("process.");
}

Status undo(const LedgerRecord& record, KilledServices killed) {
  if (!is_process_fault(record)) return {};
  for (const ServiceSite& site : record.services) {
    // Also before a restart: a process launched into a frozen cgroup would never get to run.
    if (auto thawed = set_frozen(site, false); !thawed) return thawed;
    if (record.kind != "process.kill" || !record.acted || killed == KilledServices::leave) continue;
    if (auto restarted = restart_killed(record, site); !restarted) return restarted;
  }
  return {};
}

Status undo_and_remove(const Ledger& ledger, const LedgerRecord& record, KilledServices killed) {
  if (!ledger.holds(record.id)) return {};
  if (auto undone = undo(record, killed); !undone) return failure(std::move(undone).error().context(record.id));
  return ledger.remove(record.id);
}

}  // namespace fracas::agent
