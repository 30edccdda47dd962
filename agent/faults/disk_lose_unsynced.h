#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// A power cut loses what the service has not synced: agent/faults/disk_fault.h.
extern const FaultKind kDiskLoseUnsynced;

}  // namespace fracas::agent
