#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "checker/linearizability/check_model.h"
#include "checker/model_kind.h"
#include "checker/structures/decision.h"

namespace fracas::checker {

// Decides the operations of one object: indexes into History::operations. Pure; called from several threads.
// ERRORS: "event N: …".
using DecideObject = std::function<Result<Decision>(std::span<const std::uint32_t> operations)>;

struct ObjectRules {
  std::string promise;             // what is asked of each, for people: "linearizable as stack"
  DecideObject decide;             // exact where it says yes or no
  std::optional<AnyModel> search;  // the same object, for where it says unknown; nothing = there it stays unknown
};

// Judges every key of a history by itself, and says which one went wrong first, and how. The numbers: those of
// conclude(), and the sums of Decision::counts over all keys. ERRORS: those of `decide`.
Result<CheckResult> check_objects(const History& history, const Request& request, const ObjectRules& rules);

// The request's parameter as an integer, or its default. ERRORS: another text, or less than `least`.
Result<std::int64_t> integer_parameter(const Request& request, std::string_view name, std::int64_t default_,
                                       std::int64_t least);

}  // namespace fracas::checker
