#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::node {

// The one file of a member: only appended to, and now and then replaced as a whole (written beside it and renamed over
// it). Owns its folder: a second process that opens it is refused. With `fsync` off writes still survive the death of
// the process, but not that of the machine. Thread: one.
class LogFile {
 public:
  struct Opened;
  // Makes folder and file (`wal`) where they are missing; a fresh file holds `header`. ERRORS: system calls; a folder
  // in use.
  static Result<Opened> open(const std::filesystem::path& folder, bool fsync, std::string_view header);

  // Cuts what a crash left of a write. ERRORS: system calls.
  Status truncate(std::size_t bytes);
  // Returns when all is safe. ERRORS: system calls. What reached the disk is then unknown: the process must end.
  Status append(std::string_view bytes);
  Status replace(std::string_view contents);

 private:
  LogFile(std::filesystem::path folder, bool fsync) : folder_(std::move(folder)), fsync_(fsync) {}
  Status sync_folder() const;

  std::filesystem::path folder_;
  bool fsync_;
  os::UniqueFd lock_;
  os::UniqueFd file_;
};

struct LogFile::Opened {
  LogFile file;
  std::string contents;
};

}  // namespace fracas::node
