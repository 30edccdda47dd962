#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// etcd, as Debian packages it.
extern const TargetKind kEtcdTarget;

}  // namespace fracas::controller
