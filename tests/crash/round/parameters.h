#pragma once
#include <string>

#include "lib/base/random.h"

namespace fracas::crash {

// Lines of TOML for a fault of this kind, with random values that the kind allows: everything but its name, victims and
// times. A kind that is not known here by name gets the values of its example in the model, so a new one is under test
// from its first day.
std::string draw_parameters(const std::string& kind, RandomStream& random);

}  // namespace fracas::crash
