#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// The bundled Raft store.
extern const TargetKind kRaftTarget;

}  // namespace fracas::controller
