#include "agent/resources/stress_fault.h"

#include <unistd.h>

#include "lib/os/file.h"

namespace fracas::agent {

Result<std::unique_ptr<Effect>> stress_beside_victim(const Preparation& preparation, const StressOrder& order,
                                                     const std::vector<std::string>& controllers) {
  const ServiceSite& victim = preparation.victims.front();
  StressPlace place;
  place.control = preparation.record.state_folder() / ("stress-" + preparation.record.id());
  if (!victim.cgroup.empty()) place.group = victim.cgroup.parent_path() / ("load-" + preparation.record.id());
  // A victim that does not run has its limits where it will run again: with the agent.
  place.join = groups_to_join(victim.main.alive() ? victim.main.pid : ::getpid(), controllers);
  return start_stress(order, place, note_steps(preparation.record));
}

Status probe_stress() {
  const auto program = os::own_folder() / "fracas-stress";
  if (::access(program.c_str(), X_OK) == 0) return {};
  return system_failure("the program " + program.string());
}

}  // namespace fracas::agent
