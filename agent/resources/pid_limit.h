#pragma once
#include <memory>
#include <string>
#include <vector>

#include "agent/resources/change.h"
#include "agent/resources/undo_step.h"
#include "agent/site.h"
#include "lib/base/result.h"

namespace fracas::agent {

struct PidLimitOptions {
  std::vector<ServiceSite> victims;
  unsigned spare = 0;   // processes and threads that all victims together may still start
  std::string id;       // names the cgroups: unique on the host
  OtherSteps others{};  // nothing: there are none
};

// Lets the victims start no thread and no process: pids.max of their own cgroups on the unified hierarchy, else of
// cgroups of ours below those they are in, is what they have now; the next fork(2) or clone(2) fails with EAGAIN. A
// limit around them keeps holding. Counts the processes that are under it, as matched and affected.
// ERRORS: EOPNOTSUPP what the host lacks. Source: Documentation/admin-guide/cgroup-v2.rst, "PID".
Result<std::unique_ptr<Change>> plan_pid_limit(const PidLimitOptions& options);

// "pids.max". ERRORS: EOPNOTSUPP the host has no pids controller.
Result<std::string> pid_limit_mechanism();

}  // namespace fracas::agent
