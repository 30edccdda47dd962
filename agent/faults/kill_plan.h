#pragma once
#include <string>
#include <vector>

#include "agent/fault_kind.h"
#include "agent/ledger.h"
#include "agent/undo.h"

namespace fracas::agent {

// What a fault that ends processes is about to do; noted in the ledger before it does.
struct KillPlan {
  std::vector<std::string> restart;  // services that ran then
  std::vector<os::ProcessIdentity> killed;
};

std::string to_note(const KillPlan& plan);
// ERRORS: what is wrong with it.
Result<KillPlan> parse_kill_plan(const std::string& note);

// All that the services run now.
Result<KillPlan> plan_to_kill(const std::vector<ServiceSite>& sites);
// Whom it chooses now; nobody starts them again.
Result<KillPlan> plan_to_kill(ChosenProcesses& chosen);

// Starts the services of the plan again and takes them out of it, the last one first, up to one that cannot be started.
Status restart_all(Services& services, KillPlan& plan);

// Starts the service again if it is in the plan, unless somebody has: what is left of the old life is ended first.
Status restart_killed(const KillPlan& plan, const ServiceSite& site);

// The `undo` of kinds whose note is a KillPlan; without a note nobody has been ended yet.
Status undo_kill(const LedgerRecord& record, KilledServices killed);
// The `probe` of kinds that end processes by pidfd.
FaultSupport probe_kill();

}  // namespace fracas::agent
