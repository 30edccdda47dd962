#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// A Maelstrom node program, unchanged, on every host, its messages carried by fracas-bridge: docs/maelstrom.md.
extern const TargetKind kMaelstromTarget;

}  // namespace fracas::controller
