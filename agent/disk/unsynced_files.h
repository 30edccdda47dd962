#pragma once
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::agent {

// What a power cut would take from the files of one folder: for each file that was written since its last fsync, its
// old content where it was overwritten, and its old length. Names are taken as durable at once, except that of a file
// that was created and never synced. A file with more than 64 MiB to remember is synced for real instead, as a kernel
// under memory pressure does. Thread: any.
class UnsyncedFiles {
 public:
  // `folder` is borrowed, and must stay open.
  explicit UnsyncedFiles(int folder) : folder_(folder) {}

  struct Loss {
    std::uint64_t writes = 0;
    std::uint64_t bytes = 0;  // overwritten blocks and cut-off length
  };

  // Before [offset, offset + size) of the file changes, or everything from `offset` on is cut off (`size` absent).
  // REQUIRES: `fd` can read and write. ERRORS: errno's text; then nothing is remembered.
  Status before_write(int fd, off_t offset, std::optional<std::size_t> size);
  // After the file was made, as `path` below the folder.
  Status created(int fd, const std::string& path);
  // After a successful fsync of the file, of the folder `path`, and after a rename.
  void synced(int fd);
  void folder_synced(const std::string& path);
  void renamed(const std::string& from);

  // Cuts the power. With `torn`, some leading 512-byte sectors of each file's first lost write stay.
  Loss drop(bool torn, std::uint64_t seed);

 private:
  using Key = std::pair<dev_t, ino_t>;
  struct File {
    os::UniqueFd fd;
    off_t old_size = 0;
    std::map<off_t, std::vector<char>> old_blocks;  // by offset, a multiple of the block size
    std::uint64_t writes = 0;
    std::pair<off_t, std::size_t> first_write{0, 0};
    std::string created_as;  // empty: its name is durable
  };

  // All REQUIRE mutex_ held.
  Result<File*> file_of(int fd);
  static Status remember(File& file, off_t begin, off_t end);
  void drop_file(File& file, bool torn, std::uint64_t random, Loss& loss) const;

  const int folder_;
  std::mutex mutex_;
  std::map<Key, File> files_;
};

}  // namespace fracas::agent
