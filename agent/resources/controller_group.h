#pragma once
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/os/cgroup.h"

// Where the processes of a host are, controller by controller: "cpu", "memory", "pids", … each is either a hierarchy of
// its own (version 1) or part of the unified one (version 2). Source: cgroups(7), proc(5) "mountinfo".
namespace fracas::agent {

struct ControllerMount {
  std::filesystem::path point;  // the folder it is mounted on
  std::filesystem::path root;   // the cgroup that is there, "/" outside containers
};

// The version 1 hierarchy of `controller` in a text like /proc/self/mountinfo; nothing if there is none.
std::optional<ControllerMount> find_v1_mount(std::string_view mountinfo, std::string_view controller);
// The cgroup of that hierarchy in a text like /proc/PID/cgroup, "/" at its root; nothing if it is not listed.
std::optional<std::string> find_v1_cgroup(std::string_view proc_cgroup, std::string_view controller);

// Whether the host has `controller` as a version 1 hierarchy.
bool has_v1_controller(std::string_view controller);
// The folder of the version 1 cgroup a process is in. ERRORS: ENOENT no such hierarchy is mounted; ESRCH it is gone.
Result<std::filesystem::path> v1_group_of(pid_t pid, std::string_view controller);

// A handle to the cgroup2 folder `folder`. ERRORS: ENOENT.
Result<os::Cgroup> cgroup_at(const std::filesystem::path& folder);

}  // namespace fracas::agent
