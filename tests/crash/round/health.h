#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/crash/round/place.h"

namespace fracas::crash {

// What faults change in a service's processes, as it was before any: its cgroups, limits and OOM score.
using Constitution = std::map<std::string, std::string>;  // service, and one text
// REQUIRES: the services run.
Constitution take_constitution(const Place& place);

// Waits, at most a minute, until every service works on all its parts again without an error, and returns what keeps
// one from it: it does not run, stands still, has another constitution, a patched vDSO, a wrong clock, or crashed.
// REQUIRES: no fault acts any more.
std::vector<std::string> find_harm(const Place& place, const Constitution& before);

// "CRASH …" of every service's log: signals that no fault sends.
std::vector<std::string> find_crashes(const Place& place);

}  // namespace fracas::crash
