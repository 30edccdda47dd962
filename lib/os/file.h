#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::os {

// The whole file. ERRORS: the path and the errno's text.
Result<std::string> read_file(const std::filesystem::path& path);

// Replaces `path` in one step: writes a neighbour, fsyncs it, renames it over, fsyncs the folder. After a crash the old
// or the new content is there, never a mixture. `mode` is the permission of the new file.
Status write_file_durably(const std::filesystem::path& path, std::string_view content, unsigned mode = 0644);

// Removes from a folder what calls of write_file_durably left there that were cut off by the death of their process.
// Those of processes that live stay. A missing folder is no error.
Status remove_unfinished(const std::filesystem::path& folder);

// Writes to an existing kernel file (cgroup, sysctl) in one write(2).
Status write_kernel_file(const std::filesystem::path& path, std::string_view content);

// Removes the file and makes the removal durable. A missing file is no error.
Status remove_durably(const std::filesystem::path& path);

// An exclusive flock(2) on `path`, created if missing; released when the descriptor closes, also by a crash.
// ERRORS: EWOULDBLOCK in Error::code if somebody else holds it.
Result<UniqueFd> try_lock_file(const std::filesystem::path& path);

// Folder of the running binary, where its siblings (fracas-agent, fracas-raft) are.
std::filesystem::path own_folder();

}  // namespace fracas::os
