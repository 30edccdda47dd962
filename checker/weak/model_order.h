#pragma once
#include <functional>

#include "checker/linearizability/check_model.h"

namespace fracas::checker::weak {

// Is there one order of all operations, over all keys unless `each_key`, that keeps every process's own and in which
// each behaves as the model says? Real time does not count; an operation of unknown outcome takes effect at any moment
// after what its process did before it, or never. What is linearizable is sequential, so that is asked first. Else it
// is decided by search: depth first, in the order of time where that works, with operations that change nothing taken
// as soon as they fit; exponential in the number of processes at worst. `linearizable` checks that level. ERRORS:
// "event N: …" where the model does not accept an operation.
Result<CheckResult> check_sequential(const History& history, const Request& request, const AnyModel& model,
                                     const ModelRules& rules,
                                     const std::function<Result<CheckResult>(const Request&)>& linearizable);

// The same by search alone. `each_key`: an order for each key is enough.
Result<CheckResult> search_sequential(const History& history, const Request& request, const AnyModel& model,
                                      const ModelRules& rules, bool each_key);

}  // namespace fracas::checker::weak
