#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// NATS JetStream, as Debian packages it.
extern const TargetKind kNatsTarget;

}  // namespace fracas::controller
