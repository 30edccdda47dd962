#pragma once
#include <memory>
#include <string>
#include <vector>

#include "agent/resources/change.h"
#include "agent/resources/undo_step.h"
#include "agent/site.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::agent {

struct CpuQuotaOptions {
  std::vector<ServiceSite> victims;
  // CPU time each victim may take, in CPUs: 0.2 is a fifth of one. [0.01, 1000]
  double cpus = 0;
  // It is dealt out once a period; a long one makes the victim stop for longer at a time. [1 ms, 1 s]
  Duration period = std::chrono::milliseconds(100);
  std::string id;       // names the cgroups: unique on the host
  OtherSteps others{};  // nothing: there are none
};

// Limits the CPU time of the victims, all processes of one together: by cpu.max of their own cgroups where the cpu
// controller is on the unified hierarchy ("cpu.max"), else in cgroups of ours below those they are in
// ("cpu.cfs_quota"). Limits of cgroups around them keep holding; a cpu.max of their own is replaced meanwhile. Counts
// the periods in which a victim ran, and those in which it was stopped for having no time left. ERRORS: EINVAL a number
// out of range; EOPNOTSUPP what the host lacks. Touches nothing. Source: Documentation/scheduler/sched-bwc.rst.
Result<std::unique_ptr<Change>> plan_cpu_quota(const CpuQuotaOptions& options);

// Which of the two a host would use. ERRORS: EOPNOTSUPP what it lacks for either.
Result<std::string> cpu_quota_mechanism();

}  // namespace fracas::agent
