#pragma once
#include <string>

#include "lib/base/result.h"

namespace fracas::controller::gameday {

// What of a plan only the machine can tell that is to play it: programs of guards and recipients that are not there,
// expressions that are none. REQUIRES: read_plan takes the text. ERRORS: one line "file:line:column: message" a
// mistake.
Status check_machine(const std::string& plan_text, const std::string& name);

}  // namespace fracas::controller::gameday
