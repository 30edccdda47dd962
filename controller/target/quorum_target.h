#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// The bundled Dynamo-style store, fracas-quorum.
extern const TargetKind kQuorumTarget;

}  // namespace fracas::controller
