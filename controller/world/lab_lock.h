#pragma once
#include <filesystem>
#include <optional>
#include <string_view>

#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::controller {

// Held while a lab is made, removed or healed, so that these never meet. A crash releases it, though not at once: a
// child that was just cloned keeps it until it executes its program. The file stands beside the lab's folder and is
// removed last, by the holder.
class LabLock {
 public:
  // Nothing if somebody else holds it at this moment. ERRORS: the path and the cause.
  static Result<std::optional<LabLock>> try_take(const std::filesystem::path& state, std::string_view id);
  // Tries until it is ours, at most `wait`, because flock(2) has no deadline.
  static Result<std::optional<LabLock>> take_within(const std::filesystem::path& state, std::string_view id,
                                                    Duration wait);
  // Removes the lock file and releases the lock: for a lab that is completely gone.
  Status remove() &&;

 private:
  LabLock(os::UniqueFd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
  os::UniqueFd fd_;
  std::filesystem::path path_;
};

}  // namespace fracas::controller
