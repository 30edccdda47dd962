#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// Redis with a Sentinel on every host, as Debian packages them.
extern const TargetKind kRedisSentinelTarget;

}  // namespace fracas::controller
