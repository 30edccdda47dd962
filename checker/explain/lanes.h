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

// One line an operation: when it ran, in seconds since the run's start or as the numbers of its events, by whom, on
// which node, what and with which result.
std::vector<std::string> render_operations(const Counterexample& example);

// A moment of the proof: "0.752497 s", or "event 12" in a history without times.
std::string render_moment(const Counterexample& example, std::int64_t at);

}  // namespace fracas::checker
