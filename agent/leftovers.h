#pragma once
#include <string>
#include <vector>

#include "lib/base/result.h"

// What an agent that died may have left outside its ledger.
namespace fracas::agent {

// Kills everything, frozen or not, in the agent's cgroup and removes it. Returns the names of the services that were
// there.
Result<std::vector<std::string>> end_services(const std::string& cgroup);

// Removes what the fault kinds of a dead agent left in the calling thread's network namespace without naming it in a
// record (FaultKind::sweep). Returns a sentence for each thing that could not be removed.
std::vector<std::string> sweep_leftovers();

}  // namespace fracas::agent
