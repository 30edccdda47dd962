#pragma once
#include <span>
#include <vector>

#include "checker/verdict.h"
#include "checker/weak/judge.h"
#include "lib/model/effect.h"

namespace fracas::checker::weak {

// A few of the operations that break the level by themselves. A write goes with all reads of its value, because without
// it they would be broken for another reason; so nothing that is left out can have made the violation. 1-minimal under
// such removals, unless the effort ran out. `failure`: of a judgement of the question. In ascending order.
// Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002.
std::vector<std::uint32_t> smallest_core(const Question& question, const Failure& failure);

// The proof: its core, the circle of orders where there is one, and a sentence. `asked`: the level that the user named.
Counterexample explain(const Question& question, const Failure& failure, Level asked,
                       std::span<const model::FaultWindow> faults);

}  // namespace fracas::checker::weak
