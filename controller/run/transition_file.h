#pragma once
#include <string>

#include "checker/models/transitions.h"
#include "lib/base/result.h"

namespace fracas::controller {

// A data type written down as a table in TOML; docs/checker.md says how. ERRORS: "file:line:column: what", a line each.
Result<checker::Transitions> read_transitions(const std::string& path);
Result<checker::Transitions> read_transitions_text(std::string_view text, const std::string& source);

}  // namespace fracas::controller
