#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// PostgreSQL under Patroni, which chooses the primary by an etcd on the same hosts, all as Debian packages them.
extern const TargetKind kPostgresTarget;

}  // namespace fracas::controller
