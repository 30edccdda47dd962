#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "agent/disk/disk_control.h"
#include "agent/disk/disk_judge.h"
#include "agent/disk/unsynced_files.h"
#include "lib/os/fd.h"

struct fuse_operations;

namespace fracas::agent {

// The folder whose files are served, with the rule applied to each call. It is reached through a descriptor opened
// before the mount, so what lies under the mount stays in place and is all that is ever changed. Thread: any.
class ServedFolder {
 public:
  ServedFolder(os::UniqueFd folder, DiskControl& control)
      : folder_(std::move(folder)), control_(control), unsynced_(folder_.get()) {}

  int fd() const { return folder_.get(); }
  DiskControl& control() { return control_; }
  UnsyncedFiles& unsynced() { return unsynced_; }

  // Lets the rule act on the call: waits as long as it says, at most until the rule ends. The verdict's error is an
  // errno; 0 lets it go on.
  DiskVerdict enter(const DiskCall& call);
  // Whether what is written must be remembered for a power cut.
  bool tracks(const std::string& path) const;
  // Loses what was not synced, if the rule says so.
  void cut_power();

 private:
  os::UniqueFd folder_;
  DiskControl& control_;
  UnsyncedFiles unsynced_;
};

// The one that a FUSE callback is running for.
ServedFolder& served();
// "/a/b" as FUSE names it to what the *at() calls want below the folder; "/" is ".".
const char* below(const char* path);

// An open file; FUSE keeps its address.
struct OpenFile {
  os::UniqueFd fd;
  std::string path;
};

// The two halves of the file system: calls on names and calls on open files.
void add_name_operations(fuse_operations& operations);
void add_file_operations(fuse_operations& operations);

}  // namespace fracas::agent
