#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/process.h"

namespace fracas::agent {

// What /proc says of one process. Source: proc(5), cgroups(7).
struct ProcessFacts {
  os::ProcessIdentity identity{};
  std::string name{};     // its own: at most 15 characters
  std::string program{};  // file name of its program
  std::string cgroup{};   // below the root of the cgroup2 file system, without slashes at its ends; empty: the root
};

// Nothing for a kernel thread, and for one that is gone or has ended. Whoever has this pid later has another identity.
std::optional<ProcessFacts> read_process(pid_t pid);

// Every process there is.
Result<std::vector<pid_t>> all_pids();

// "etcd 4711".
std::string describe(const ProcessFacts& process);

// Whether a cgroup is `folder` or lies below it.
bool lies_in(const std::string& cgroup, const std::string& folder);

}  // namespace fracas::agent
