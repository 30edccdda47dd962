#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace fracas::agent {

// The kernel state that faults touch, as sorted lines of text: links, qdiscs, filters and TCX programs of the calling
// thread's network namespace, frozen cgroups, stopped and traced processes of the agent's cgroup, and the file systems
// that the agent with the folder `state` has mounted. Counters, addresses and link states are left out: they change
// without us. So are mounts of others. The first line names the namespace.
Result<std::vector<std::string>> take_fingerprint(const std::string& cgroup, const std::filesystem::path& state);

// What is in `now` but not in `before` ("new: …"), and the other way round ("missing: …"). Pure.
// Fingerprints of two namespaces cannot be compared: then nothing.
std::vector<std::string> compare_fingerprints(const std::vector<std::string>& before,
                                              const std::vector<std::string>& now);

std::string join_lines(const std::vector<std::string>& lines);
std::vector<std::string> split_lines(const std::string& text);

}  // namespace fracas::agent
