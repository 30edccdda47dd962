#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "checker/model_kind.h"

namespace fracas::checker::weak {

// The levels of a register below linearizable, in the order that users read them.
const std::vector<std::string_view>& register_level_names();
// Their parameters.
const std::vector<ModelParameter>& register_level_parameters();

// Reads and writes of registers at one of these levels. Whatever level between the guarantees of one session and
// linearizability was asked for, the answer says the strongest that hold and the weakest that fail.
// ERRORS: "event N: …" where an operation is neither a read nor a write; a parameter that is not understood.
Result<CheckResult> check_register_level(const History& history, const Request& request, std::optional<Value> initial);

}  // namespace fracas::checker::weak
