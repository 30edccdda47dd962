#pragma once
#include <string_view>

#include "lib/base/result.h"

namespace fracas::model {
class Injection;
class Scope;
}  // namespace fracas::model

// The rules of what a fault acts on. Pure. ERRORS of all: EINVAL and one sentence that names the value and the rule it
// breaks; those that ask for something begin with the fault's kind.
namespace fracas::agent {

// Every prefix and name is well-formed, and there are not too many.
Status check_scope(const model::Scope& scope);

// For network faults: packets of somebody are in scope.
Status require_peers(std::string_view kind, const model::Scope& scope);
// For faults of processes: there is a service.
Status require_services(std::string_view kind, const model::Scope& scope);
// Services, or `processes` that stand in its message; not both.
Status require_victims(std::string_view kind, const model::Injection& injection);

}  // namespace fracas::agent
