#pragma once
#include <memory>
#include <vector>

#include "agent/resources/change.h"
#include "agent/resources/undo_step.h"
#include "agent/site.h"

namespace fracas::agent {

struct FdLimitOptions {
  std::vector<ServiceSite> victims;
  unsigned spare = 0;   // descriptors that each process may still open
  OtherSteps others{};  // nothing: there are none
};

// Leaves the victims' processes no file descriptors: their soft RLIMIT_NOFILE is lowered to the lowest number they have
// free, so that the next open(2), accept(2) or socket(2) fails with EMFILE; what is open keeps working, except that
// poll(2) with more descriptors than the limit fails with EINVAL. A process that closes a low number may use it again
// until the limit is lowered anew, 50 ms later. Counts the processes found, and those whose limit was lowered.
// Source: getrlimit(2).
std::unique_ptr<Change> plan_fd_limit(const FdLimitOptions& options);

}  // namespace fracas::agent
