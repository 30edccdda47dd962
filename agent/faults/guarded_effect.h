#pragma once
#include <memory>
#include <string_view>

#include "agent/net_slot.h"
#include "agent/sockets/kept_effect.h"

namespace fracas::agent {

// The effect, with copies of its descriptors at the guardian while it lasts, so that it goes on to the end of window or
// lease if this process dies. `net` outlives it. ERRORS: the guardian does not take them.
Result<std::unique_ptr<Effect>> guard_effect(std::unique_ptr<KeptEffect> effect, std::string_view kind, NetSlot& net);

}  // namespace fracas::agent
