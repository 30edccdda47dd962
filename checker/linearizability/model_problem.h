#pragma once
#include <memory>
#include <span>
#include <vector>

#include "checker/linearizability/check_model.h"
#include "checker/models/problem.h"

namespace fracas::checker {

// A group of operations as calls of a sequential model, and the model's states. Call numbers of the space: 2k for the
// k-th distinct call, 2k+1 for the same call with an unknown answer.
struct ModelProblem {
  Problem problem;
  std::unique_ptr<StateSpace> space;
};

// REQUIRES: the model accepts every operation of the group.
ModelProblem compile_model(const History& history, std::span<const std::uint32_t> group, const AnyModel& model,
                           FailMeans fail);

}  // namespace fracas::checker
