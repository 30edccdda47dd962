#pragma once
#include <span>
#include <string_view>

#include "checker/history/history.h"
#include "checker/verdict.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"
#include "lib/model/experiment.h"

// The checks of an experiment that ask whether the history is one of a data type: `linearizable` and `consistency`.
namespace fracas::controller {

// The name in checker/catalogue.h of the data type that a workload's history shows.
std::string_view model_of(const model::Workload& workload);

// Whether target and workload go together, and whether the checks ask for models, levels and parameters that exist.
// ERRORS: "file:line:column: what".
Status check_fits(const model::ExperimentFile& file);

// REQUIRES: `spec` is one of these two, and was found to fit. ERRORS: an operation that is not of the model.
Result<checker::CheckResult> check_data(const model::Experiment& experiment, const model::CheckSpec& spec,
                                        const checker::History& history, std::span<const model::FaultWindow> faults);

}  // namespace fracas::controller
