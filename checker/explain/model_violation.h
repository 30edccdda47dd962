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

// What a proof is shown of: the question that was asked, and the model of its group; without one no orders are tried.
struct ModelQuestion {
  const Request& request;
  const AnyModel* model = nullptr;
};

// A proof's operations, as ascending indexes into History::operations, with the longest orders that the model knows for
// them; others of the group that these orders need are shown too. Of more than 40 operations only the last are shown.
Counterexample exhibit_model(const History& history, std::span<const std::uint32_t> group,
                             const ModelQuestion& question, std::vector<std::uint32_t> operations,
                             std::string sentence);

// The proof of a violated group.
Counterexample explain_model(const History& history, std::span<const std::uint32_t> group, const AnyModel& model,
                             const Finding& finding, const Request& request);

}  // namespace fracas::checker
