#pragma once
#include <span>
#include <vector>

#include "checker/linearizability/check_model.h"
#include "checker/verdict.h"

namespace fracas::checker {

// A few operations of a violated group that no order explains, as indexes into History::operations, ascending: what the
// others did may be forgotten altogether, and these alone are still a violation. An operation goes by being allowed to
// take effect at any time after its invocation with any answer, or never, which cannot make a violation. 1-minimal
// unless the effort ran out. REQUIRES: `finding` says no.
// Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002.
std::vector<std::uint32_t> minimize_model(const History& history, std::span<const std::uint32_t> group,
                                          const AnyModel& model, const Finding& finding, FailMeans fail);

// The proof of a violated group.
Counterexample explain_model(const History& history, std::span<const std::uint32_t> group, const AnyModel& model,
                             const Finding& finding, const Request& request);

}  // namespace fracas::checker
