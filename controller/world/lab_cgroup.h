#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/process.h"

// The cgroups "fracas/lab-ID" and what is below them. The top one carries its owner in an extended attribute, so that
// a cgroup found without any record is still known to be in use, or not.
namespace fracas::controller {

Status make_lab_cgroup(const std::string& name, const os::ProcessIdentity& owner);

// Nothing if the cgroup is not there or carries no mark.
std::optional<os::ProcessIdentity> lab_cgroup_owner(const std::string& name);

// Ids of all cgroups "fracas/lab-ID" of this machine.
std::vector<std::string> lab_ids_of_cgroups();

// Kills what is in and below it, frozen or not, and waits until they are gone. A missing one is no error.
Status empty_cgroup(const std::string& name);

// Kills what is in and below it and removes it, and then its parent if that is empty. True if there was one.
// ERRORS: processes that do not die within seconds.
Result<bool> remove_cgroup(const std::string& name);

// Removes it if nothing is in it: no process and no cgroup. True if it did.
bool remove_empty_cgroup(const std::string& name);

}  // namespace fracas::controller
