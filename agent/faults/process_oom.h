#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Limits the service's memory (agent/resources/memory_limit.h) at the window's start. Once the kernel's OOM killer has
// ended one of its processes the others are killed as well, the limit is lifted, and the service is started again
// `restart_after` then, or on `revert`. If nothing needs memory until the window's end, nothing has happened but for
// the limit. The guardian lifts it from the ledger, and starts the service if its main process is gone.
extern const FaultKind kProcessOom;

}  // namespace fracas::agent
