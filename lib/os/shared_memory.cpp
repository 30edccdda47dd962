#include "lib/os/shared_memory.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace fracas::os {

Result<SharedMemory> SharedMemory::create(const char* name, std::size_t size) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC));
  if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(size)) != 0)
    return system_failure(std::string("make shared memory for ") + name);
  return open(std::move(fd), size);
}

Result<SharedMemory> SharedMemory::open(UniqueFd fd, std::size_t size) {
  struct stat found {};
  if (::fstat(fd.get(), &found) != 0 || found.st_size != static_cast<off_t>(size))
    return failure("the descriptor is not the memory that is expected", EINVAL);
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) return system_failure("map shared memory");
  return SharedMemory(std::move(fd), mapped, size);
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : fd_(std::move(other.fd_)), mapped_(std::exchange(other.mapped_, nullptr)), size_(other.size_) {}

SharedMemory::~SharedMemory() {
  if (mapped_ != nullptr) ::munmap(mapped_, size_);
}

}  // namespace fracas::os
