#pragma once
#include <filesystem>
#include <vector>

#include "lib/base/result.h"
#include "targets/node/shell/log_file.h"
#include "targets/raft/core/raft.h"

namespace fracas::raft {

// The log and hard state on the disk: one file `wal`, rewritten whole (to `wal.new`, then renamed) at each snapshot.
// Owns the folder: a second process that opens it is refused. Thread: one.
class Wal {
 public:
  struct Opened;
  // Makes the folder where it is missing, and cuts a torn tail off. With `fsync` off writes still survive the death
  // of the process, but not that of the machine.
  // ERRORS: system calls; a folder in use; a damaged file (see parse_wal).
  static Result<Opened> open(const std::filesystem::path& folder, bool fsync, bool checksums = true);

  // Writes the records in order and returns when all are safe: one write and one fsync, however many there are.
  // ERRORS: system calls. What reached the disk is then unknown: the process must end.
  Status write(const std::vector<Record>& records);

 private:
  explicit Wal(node::LogFile file) : file_(std::move(file)) {}

  node::LogFile file_;
};

struct Wal::Opened {
  Wal wal;
  Recovered recovered;
};

}  // namespace fracas::raft
