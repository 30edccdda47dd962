#pragma once
#include "controller/world/injection.h"
#include "lib/base/result.h"

namespace fracas::model {
class Injection;
}

namespace fracas::controller {

// Writes an injection into the agent's message. ERRORS: a signal that is not among the wire's.
Status to_wire(const Injection& injection, model::Injection& message);

}  // namespace fracas::controller
