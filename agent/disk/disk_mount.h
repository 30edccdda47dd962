#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "agent/disk/disk_control.h"
#include "lib/base/result.h"
#include "lib/os/process.h"

namespace fracas::agent {

// The disk server: a process of its own, "fracas-disk", that serves a folder through a FUSE mount over itself. Files
// that are open already stay on the original. It outlives the agent: once window or lease are over it only passes calls
// on, until somebody unmounts.
// All functions: Thread: any. Source: fuse(4), libfuse include/fuse.h.

// Starts it and waits, at most five seconds, until it is mounted, with `owner` as its source. REQUIRES: nothing of ours
// is mounted there; the calling thread stands in the mount namespace of the victim. Owner: the caller collects the
// process when it has ended. ERRORS: ENOENT no such folder; what FUSE lacks here.
Result<os::Process> mount_disk(const std::filesystem::path& folder, const DiskControlMemory& control,
                               const std::string& owner);

// Ends the server (SIGTERM, after five seconds SIGKILL), which drops what was not synced if its rule says so, and
// unmounts. From the folder's name alone if the server is gone. Idempotent. ERRORS: a mount of ours is still there.
// REQUIRES: the victim has been ended, else its files fail from now on.
Status unmount_disk(const std::filesystem::path& folder, const os::ProcessIdentity& server);

// Whether a disk server's mount is on top of the folder.
bool is_disk_mount(const std::filesystem::path& folder);

// A name for the mounts of the agent with this state folder, always the same.
std::string disk_owner(const std::filesystem::path& state);
// The folders that disk servers of this owner are mounted on, in the calling thread's mount namespace.
std::vector<std::string> disk_mounts_of(const std::string& owner);

// What keeps faults of files from working here. ERRORS: the missing capability, module or program.
Status probe_disk();

}  // namespace fracas::agent
