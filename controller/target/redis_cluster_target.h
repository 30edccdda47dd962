#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// Redis Cluster: a master of a share of the keys on every host, and a replica of the next host's, of Debian's
// redis-server.
extern const TargetKind kRedisClusterTarget;

}  // namespace fracas::controller
