#include "controller/world/lab_lock.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "controller/world/lab_plan.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

constexpr int kTryAgainMs = 10;

}  // namespace

Result<std::optional<LabLock>> LabLock::try_take(const std::filesystem::path& state, std::string_view id) {
  const std::filesystem::path path = lab_lock_path(state, id);
  auto fd = os::try_lock_file(path);
  if (!fd && fd.error().code == EWOULDBLOCK) return std::nullopt;
  if (!fd) return failure(std::move(fd).error());
  // The last holder may have removed the file between our open and our lock; then we hold a file nobody else can find.
  struct stat ours {};
  struct stat named {};
  if (::fstat(fd->get(), &ours) != 0) return system_failure("stat of " + path.string());
  if (::stat(path.c_str(), &named) != 0 || ours.st_ino != named.st_ino || ours.st_dev != named.st_dev)
    return std::nullopt;
  return LabLock(*std::move(fd), path);
}

Result<std::optional<LabLock>> LabLock::take_within(const std::filesystem::path& state, std::string_view id,
                                                    Duration wait) {
  const std::int64_t deadline = os::boot_now_ns() + wait.count();
  for (;;) {
    auto lock = try_take(state, id);
    if (!lock || *lock || os::boot_now_ns() > deadline) return lock;
    ::poll(nullptr, 0, kTryAgainMs);
  }
}

Status LabLock::remove() && {
  const os::UniqueFd released = std::move(fd_);
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) return system_failure("remove " + path_.string());
  return {};
}

}  // namespace fracas::controller
