#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <sstream>

#include "agent/resources/controller_group.h"
#include "agent/resources/stress_crew.h"
#include "lib/os/cgroup.h"
#include "lib/os/file.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> read_number(const fs::path& file) {
  const auto text = os::read_file(file);
  std::uint64_t value = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

// A line of /proc/meminfo, in bytes.
Result<std::uint64_t> memory_info(const std::string& key) {
  auto text = os::read_file("/proc/meminfo");
  if (!text) return failure(std::move(text).error());
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t kib = 0;
    if (words >> name >> kib && name == key + ":") return kib * 1024;
  }
  return failure("no " + key + " in /proc/meminfo");
}

struct MemoryFiles {
  fs::path group;
  fs::path top;  // where the hierarchy is mounted
  const char* limit;
  const char* usage;
};

Result<MemoryFiles> memory_files(pid_t pid) {
  if (auto group = v1_group_of(pid, "memory")) {
    auto mounts = os::read_file("/proc/self/mountinfo");
    if (!mounts) return failure(std::move(mounts).error());
    return MemoryFiles{*group, find_v1_mount(*mounts, "memory")->point, "memory.limit_in_bytes",
                       "memory.usage_in_bytes"};
  }
  auto mount = os::Cgroup::mount_point();
  if (!mount) return failure(std::move(mount).error());
  // The unified hierarchy's line is "0::PATH".
  auto text = os::read_file("/proc/" + std::to_string(pid) + "/cgroup");
  if (!text) return failure(std::move(text).error());
  const std::size_t at = ("\n" + *text).find("\n0::/");
  if (at == std::string::npos) return failure("process in no cgroup", ENOENT);
  const std::string name = text->substr(at + 4, text->find('\n', at) - at - 4);
  return MemoryFiles{*mount / name, *mount, "memory.max", "memory.current"};
}

// The smallest of what `measure` says about the machine and each cgroup around the process.
Result<std::uint64_t> smallest(pid_t pid, std::uint64_t machine,
                               const std::function<std::uint64_t(std::uint64_t limit, std::uint64_t usage)>& measure) {
  const auto files = memory_files(pid);
  if (!files) return machine;  // No memory controller: only the machine's end counts.
  std::uint64_t least = machine;
  for (fs::path group = files->group;; group = group.parent_path()) {
    const auto limit = read_number(group / files->limit);
    if (limit) least = std::min(least, measure(*limit, read_number(group / files->usage).value_or(0)));
    if (group == files->top || !group.has_relative_path()) return least;
  }
}

}  // namespace

Result<std::uint64_t> memory_limit_of(pid_t pid) {
  const auto machine = memory_info("MemTotal");
  if (!machine) return machine;
  return smallest(pid, *machine, [](std::uint64_t limit, std::uint64_t) { return limit; });
}

Result<std::uint64_t> memory_left_for(pid_t pid) {
  const auto machine = memory_info("MemAvailable");
  if (!machine) return machine;
  return smallest(pid, *machine,
                  [](std::uint64_t limit, std::uint64_t usage) { return limit > usage ? limit - usage : 0; });
}

}  // namespace fracas::agent
