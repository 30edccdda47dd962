#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/resources/change.h"
#include "agent/resources/undo_step.h"
#include "agent/site.h"
#include "lib/base/result.h"

namespace fracas::agent {

struct MemoryLimitOptions {
  std::vector<ServiceSite> victims;
  std::uint64_t spare = 0;  // bytes that the victims may still take
  std::string id;           // names the cgroups: unique on the host
  OtherSteps others{};      // nothing: there are none
};

// Leaves the victims no memory but `spare`: memory.max of their own cgroups where the memory controller is on the
// unified hierarchy, else memory.limit_in_bytes of cgroups of ours below those they are in; what they have already
// counts only in the former. What needs a page then and finds nothing to give back is ended by the kernel's OOM killer.
// A limit around them keeps holding. `affected` counts what the OOM killer ended, as the kernel counts it (oom_kill of
// memory.events or memory.oom_control); `matched` the processes under the limit.
// ERRORS: EOPNOTSUPP what the host lacks. Source: Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst.
Result<std::unique_ptr<Change>> plan_memory_limit(const MemoryLimitOptions& options);

// "memory.max" or "memory.limit_in_bytes". ERRORS: EOPNOTSUPP the host has no memory controller.
Result<std::string> memory_limit_mechanism();

}  // namespace fracas::agent
