#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/process.h"

namespace fracas::agent {

// Whose system calls are traced: everything in these cgroup2 folders, and these processes; later children of either.
struct TracedProcesses {
  std::vector<std::filesystem::path> cgroups{};
  std::vector<os::ProcessIdentity> processes{};
};

// How the tracer is told, one argument each: a folder, which begins with a slash, or "PID:STARTTICKS".
std::vector<std::string> to_arguments(const TracedProcesses& traced);
// ERRORS: EINVAL the argument that is neither.
Result<TracedProcesses> traced_from(const std::vector<std::string>& arguments);

}  // namespace fracas::agent
