#include "lib/os/file_stamp.h"

#include <fmt/format.h>
#include <sys/stat.h>

namespace fracas::os {

std::string stamp_of(const std::filesystem::path& file) {
  struct stat status {};
  if (file.empty() || ::stat(file.c_str(), &status) != 0) return {};
  return fmt::format("{} {} {}.{}", status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

}  // namespace fracas::os
