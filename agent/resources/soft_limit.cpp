#include "agent/resources/soft_limit.h"

#include <sys/resource.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <set>
#include <string>

namespace fracas::agent {
namespace {

Result<rlimit> read_limit(pid_t pid, int resource) {
  rlimit limit{};
  if (::prlimit(pid, static_cast<__rlimit_resource>(resource), nullptr, &limit) != 0)
    return system_failure("read a limit of process " + std::to_string(pid));
  return limit;
}

}  // namespace

Result<std::uint64_t> soft_limit(pid_t pid, int resource) {
  auto limit = read_limit(pid, resource);
  if (!limit) return failure(std::move(limit).error());
  return limit->rlim_cur;
}

Status set_soft_limit(pid_t pid, int resource, std::uint64_t soft) {
  auto limit = read_limit(pid, resource);
  if (!limit) return failure(std::move(limit).error());
  limit->rlim_cur = soft;
  if (::prlimit(pid, static_cast<__rlimit_resource>(resource), &*limit, nullptr) != 0)
    return system_failure("set a limit of process " + std::to_string(pid));
  return {};
}

Result<std::uint64_t> exhausting_fd_limit(pid_t pid, unsigned spare) {
  std::set<std::uint64_t> used;
  std::error_code failed;
  const std::filesystem::path folder = "/proc/" + std::to_string(pid) + "/fd";
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename();
    std::uint64_t number = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc()) used.insert(number);
  }
  if (failed == std::errc::no_such_file_or_directory) return system_failure("descriptors of " + folder.string(), ESRCH);
  if (failed) return system_failure("descriptors of " + folder.string(), failed.value());
  std::uint64_t limit = 0;
  for (unsigned free = 0;; ++limit) {
    if (used.contains(limit)) continue;
    if (free == spare) return limit;
    ++free;
  }
}

}  // namespace fracas::agent
