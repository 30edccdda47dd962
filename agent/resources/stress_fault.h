#pragma once
#include "agent/resources/resource_fault.h"
#include "agent/resources/stress_crew.h"

namespace fracas::agent {

// An effect that lets a crew work on this host: in a cgroup beside the victim's and in the victim's own version 1
// cgroups of `controllers`, so that it competes with the victim for what their common limits leave.
Result<std::unique_ptr<Effect>> stress_beside_victim(const Preparation& preparation, const StressOrder& order,
                                                     const std::vector<std::string>& controllers);

// Whether the program of the workers is where it should be. ERRORS: ENOENT its path.
Status probe_stress();

}  // namespace fracas::agent
