#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// Any system, started by a command of the user's and asked through an adapter program of the user's: docs/exec.md.
extern const TargetKind kExecTarget;

}  // namespace fracas::controller
