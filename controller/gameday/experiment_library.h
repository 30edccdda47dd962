#pragma once
#include <string>

#include "controller/gameday/plan.h"

namespace fracas::controller::gameday {

// The experiments below a folder, for plans of game days. Each is checked like `fracas validate` does, in its world.
ReadExperiment experiments_below(const std::string& folder);

}  // namespace fracas::controller::gameday
