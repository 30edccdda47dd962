#pragma once
#include <vector>

#include "checker/history/history.h"
#include "checker/verdict.h"
#include "lib/model/effect.h"

namespace fracas::checker {

// The faults of another tool, from what its nemesis recorded: "start-partition" to "stop-partition", "kill" to
// "restart", "partition" to "heal". "start", "stop" and "heal" alone begin and end whatever there is; what is never
// ended lasts to the end of the history. Events with other names ("new-leader") are no faults. Jepsen records each step
// twice, before and after: the first counts. By start.
std::vector<model::FaultWindow> recorded_faults(const History& history);

// What else the nemesis recorded: changes of roles, mostly. By time.
std::vector<ShownMoment> recorded_moments(const History& history);

}  // namespace fracas::checker
