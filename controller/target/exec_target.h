#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// Any system, started by a command of the user's and asked through an adapter program of the user's: docs/exec.md.
extern const TargetKind kExecTarget;
// The same without the first: one that runs already on the hosts of a fleet (docs/fleet.md).
extern const TargetKind kExternalTarget;

}  // namespace fracas::controller
