#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// ZooKeeper, as Debian packages it.
extern const TargetKind kZooKeeperTarget;

}  // namespace fracas::controller
