#pragma once
#include "agent/fault_kind.h"

namespace fracas::agent {

// Stops the services in good order at the window's start, by SIGTERM, by SIGKILL what is left after `grace`, and starts
// them again once they have been down for `down`, or at the window's end.
extern const FaultKind kProcessRestart;

}  // namespace fracas::agent
