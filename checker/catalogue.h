#pragma once
#include <span>
#include <string_view>

#include "checker/model_kind.h"

namespace fracas::checker {

// Every model and analysis there is, by name. Lives as long as the program.
std::span<const ModelKind* const> catalogue();

// ERRORS: the names there are, with the nearest one suggested.
Result<const ModelKind*> find_model(std::string_view name);

// One question to one model. ERRORS: an unknown level or parameter, and those of ModelKind::check.
Result<CheckResult> check(const History& history, const ModelKind& model, const Request& request);

}  // namespace fracas::checker
