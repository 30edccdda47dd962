#pragma once
#include <set>
#include <string>
#include <vector>

#include "tests/crash/round/place.h"

namespace fracas::crash {

// All that a round's faults could leave behind, one line a thing, seen from outside: by the kernel's own lists and the
// system's own programs, not by ours. Nothing in it belongs to anybody else on the machine:
//   both hosts' links, qdiscs, filters, TCX and XDP programs, addresses, routes, nftables; the round's cgroup with
//   every setting in it, and the BPF programs attached to it; cgroups of version 1 that carry the round's name; mounts
//   on its folder; processes on the host under test; files in the agent's state folder and in the services' folders.
std::set<std::string> take_census(const Place& place);

// "new: …" and "gone: …", a line each.
std::vector<std::string> compare(const std::set<std::string>& before, const std::set<std::string>& after);

// The same against what is there now. The kernel frees some things a moment after their last user has gone, so a
// difference is looked at again for at most ten seconds.
std::vector<std::string> left_over(const Place& place, const std::set<std::string>& before);

}  // namespace fracas::crash
