#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "checker/model_kind.h"

namespace fracas::checker::weak {

// The request's parameter of that name, in nanoseconds. A user writes "1.5", which are seconds, or "250ms".
// ERRORS: another text, or less than nothing.
Result<std::optional<std::int64_t>> seconds_parameter(const Request& request, std::string_view name);

}  // namespace fracas::checker::weak
