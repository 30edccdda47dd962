#include "lib/os/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "lib/os/fd.h"

namespace fracas::os {
namespace {

constexpr std::size_t kPage = 4096;

// mmap(2) and its like take addresses that are not const, also for what nobody may write.
void* address(std::string_view bytes, std::size_t offset = 0) {
  return const_cast<char*>(bytes.data()) + offset;
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_failure(path.string());
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return system_failure(path.string());
  if (!S_ISREG(status.st_mode)) return failure(path.string() + ": not a regular file", EINVAL);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return MappedFile({});
  void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (start == MAP_FAILED) return system_failure(path.string());
  ::madvise(start, size, MADV_SEQUENTIAL);
  return MappedFile({static_cast<const char*>(start), size});
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(address(bytes_), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), released_(std::exchange(other.released_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(released_, other.released_);
  return *this;
}

void MappedFile::release(std::size_t count) {
  const std::size_t end = std::min(count, bytes_.size()) / kPage * kPage;
  if (end <= released_) return;
  ::madvise(address(bytes_, released_), end - released_, MADV_DONTNEED);
  released_ = end;
}

}  // namespace fracas::os
