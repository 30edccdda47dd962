#include "agent/lease.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "lib/os/fd.h"

namespace fracas::agent {

static_assert(std::atomic_ref<std::int64_t>::is_always_lock_free, "the file is shared between processes");

std::int64_t lease_end_ns(std::int64_t now_ns, std::int64_t granted_until_ns, Duration lease) {
  return std::max(granted_until_ns, now_ns + lease.count());
}

std::int64_t fault_end_ns(std::int64_t window_end_ns, std::int64_t lease_end_ns) {
  return window_end_ns == 0 ? lease_end_ns : std::min(window_end_ns, lease_end_ns);
}

Result<LeaseFile> LeaseFile::open(const std::filesystem::path& path) {
  const os::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return system_failure("open " + path.string());
  if (::ftruncate(fd.get(), sizeof(std::int64_t)) != 0) return system_failure("size " + path.string());
  void* mapped = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) return system_failure("map " + path.string());
  return LeaseFile(static_cast<std::int64_t*>(mapped));
}

LeaseFile::LeaseFile(LeaseFile&& other) noexcept : mapped_(std::exchange(other.mapped_, nullptr)) {}

LeaseFile::~LeaseFile() {
  if (mapped_ != nullptr) ::munmap(mapped_, sizeof(std::int64_t));
}

std::int64_t LeaseFile::end_ns() const {
  return std::atomic_ref<std::int64_t>(*mapped_).load();
}

void LeaseFile::set_end_ns(std::int64_t end_ns) {
  std::atomic_ref<std::int64_t>(*mapped_).store(end_ns);
}

}  // namespace fracas::agent
