#pragma once
#include <vector>

#include "targets/node/bugs/bug_catalogue.h"

namespace fracas::quorum {

// What is known of each planted mistake: targets/quorum/bugs.toml, which is part of the program.
std::vector<node::BugEntry> bug_catalogue();

}  // namespace fracas::quorum
