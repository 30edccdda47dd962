#pragma once
#include "controller/target/target.h"

namespace fracas::controller {

// RabbitMQ, as Debian packages it.
extern const TargetKind kRabbitmqTarget;

}  // namespace fracas::controller
