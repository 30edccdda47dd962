#pragma once
#include <cstddef>
#include <string>

#include "controller/gameday/plan.h"

// A plan for people who are about to agree to it, and for programs.
namespace fracas::controller::gameday {

struct DescribeOptions {
  sys_seconds now;
  std::size_t starts = 5;  // how many of the next ones
};

// For a terminal; several lines, each ended.
std::string describe_plan(const Plan& plan, const DescribeOptions& options);
// The same as JSON.
std::string plan_json(const Plan& plan, const DescribeOptions& options);

}  // namespace fracas::controller::gameday
