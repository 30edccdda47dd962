#pragma once
#include <cstddef>
#include <filesystem>
#include <string_view>

#include "lib/base/result.h"

namespace fracas::os {

// A regular file's bytes in memory, read only, as long as this lives. Pages come in when they are touched.
// Who truncates the file meanwhile ends the process (SIGBUS, mmap(2)).
class MappedFile {
 public:
  // ERRORS: the path and the errno's text; EINVAL in Error::code where it is no regular file.
  static Result<MappedFile> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::string_view bytes() const { return bytes_; }
  // Gives the memory of the first `count` bytes back; they come in again if they are touched again.
  void release(std::size_t count);

 private:
  explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
  std::size_t released_ = 0;
};

}  // namespace fracas::os
