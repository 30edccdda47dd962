#include <fmt/format.h>

#include "lib/model/experiment.pb.h"
#include "lib/model/experiment_rules.h"
#include "lib/model/process_selector.h"

namespace fracas::model {
namespace {

bool asks_for_restart(const FaultSpec& fault) {
  return (fault.has_process_kill() && fault.process_kill().has_restart_after()) ||
         (fault.has_process_crash_point() && fault.process_crash_point().has_restart_after());
}

// What a fleet's fault on the target is to say instead.
std::string way_out(const FaultSpec& fault) {
  if (may_choose_processes(fault))
    return "choose them: processes = { name = \"...\" }, or by cgroup, container, listen or pid";
  if (fault.has_net_dns())
    return "choose them: senders = { cgroup = \"...\" }, or by container; or take whole_host = true";
  if (flows_of(fault) != nullptr) return "choose them: senders = { cgroup = \"...\" }, or by container";
  return fmt::format("{} acts only on what fracas has started", kind_of(fault));
}

}  // namespace

void check_processes(const Experiment& experiment, const Places& places, Mistakes& mistakes) {
  for (int i = 0; i < experiment.fault_size(); ++i) {
    const FaultSpec& fault = experiment.fault(i);
    const auto wrong = [&](const char* key, const std::string& what) {
      mistakes.add(places.find(fmt::format("fault[{}]{}", i, key)), what);
    };
    if (const ProcessSelector* processes = processes_of(fault)) {
      if (auto right = check_selector(*processes); !right) wrong(".processes", right.error().message);
      if (asks_for_restart(fault))
        wrong(".restart_after", "chosen processes are not started again: nobody knows how they were started");
      if (acts_on_system_clock(fault))
        wrong(".system", "`system` sets the machine's clock, not that of chosen processes");
    }
    if (const ProcessSelector* senders = senders_of(fault)) {
      if (auto right = check_selector(*senders); !right)
        wrong(".senders", right.error().message);
      else if (senders->cgroup().empty() && senders->container().empty())
        wrong(".senders", "senders are told by their cgroup: choose them by cgroup or container");
    }
    if (experiment.world().kind() == WORLD_KIND_FLEET && acts_on_target(fault))
      wrong(".kind",
            fmt::format("the agents of a fleet do not know which processes are the target's; {}", way_out(fault)));
  }
}

}  // namespace fracas::model
