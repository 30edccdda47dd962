#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// MariaDB with Galera, as Debian packages them.
extern const TargetKind kGaleraTarget;

}  // namespace fracas::controller
