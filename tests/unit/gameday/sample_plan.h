#pragma once
#include <string>

#include "controller/gameday/plan.h"

// Plans for tests, over a library of experiments that are named after their files.
namespace fracas::tests {

// Knows every file but "missing.toml"; files that begin with "canary" expect a violation. Each takes ten seconds.
controller::gameday::ReadExperiment sample_library();

// What read_plan() says to a text, from noon of 2026-11-21 on.
Result<controller::gameday::Plan> read_sample(const std::string& text);

// A valid plan: a name, `more` keys before its two experiments, first.toml and second.toml.
controller::gameday::Plan sample_plan(const std::string& name, const std::string& more);

}  // namespace fracas::tests
