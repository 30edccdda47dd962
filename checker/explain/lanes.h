#pragma once
#include <string>
#include <vector>

#include "checker/verdict.h"

namespace fracas::checker {

// The operations for a terminal, one row a client, time to the right (not to scale: each event is one step).
//   c2 |--write 21--|
//   c4                 |--read 17--|
// An open end ("···>") is an unknown outcome. Empty when it would need more than `width_max` columns.
std::vector<std::string> render_lanes(const std::vector<ShownOperation>& operations, std::size_t width_max = 100);

// One line an operation: when it ran, in seconds since `run_start_ns`, by whom, on which node, what and with which
// result.
std::vector<std::string> render_operations(const std::vector<ShownOperation>& operations, std::int64_t run_start_ns);

}  // namespace fracas::checker
