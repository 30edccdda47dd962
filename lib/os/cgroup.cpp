#include "lib/os/cgroup.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <iterator>
#include <sstream>

#include "lib/os/clock.h"
#include "lib/os/fd.h"
#include "lib/os/file.h"

namespace fracas::os {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFreezeWaitNs = 1'000'000'000;
constexpr std::int64_t kKillWaitNs = 5'000'000'000;

// mountinfo writes blanks and backslashes of paths as three octal digits: proc(5).
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 4, value, 8).ptr == text.data() + i + 4) {
      plain.push_back(static_cast<char>(value));
      i += 3;
    } else {
      plain.push_back(text[i]);
    }
  }
  return plain;
}

Result<fs::path> below_mount(std::string_view name) {
  const fs::path relative(name);
  if (relative.empty() || relative.is_absolute())
    return failure("cgroup name '" + std::string(name) + "' must be relative");
  for (const fs::path& part : relative)
    if (part == "..") return failure("cgroup name '" + std::string(name) + "' must not contain '..'");
  auto mount = Cgroup::mount_point();
  if (!mount) return failure(std::move(mount).error());
  return *mount / relative;
}

// One key of the flat-keyed cgroup.events, -1 if it cannot be read.
int event_value(int events, std::string_view key) {
  std::array<char, 256> buffer{};
  const ssize_t got = ::pread(events, buffer.data(), buffer.size(), 0);
  if (got <= 0) return -1;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  const std::size_t at = text.find(std::string(key) + " ");
  if (at == std::string_view::npos || at + key.size() + 1 >= text.size()) return -1;
  return text[at + key.size() + 1] == '1' ? 1 : 0;
}

// Waits until `key` of cgroup.events is `wanted`; the kernel wakes the poll at each change.
Status wait_for_event(const fs::path& cgroup, std::string_view key, int wanted, std::int64_t wait_ns) {
  const fs::path file = cgroup / "cgroup.events";
  const UniqueFd events(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!events) return system_failure("open " + file.string());
  const std::int64_t deadline = boot_now_ns() + wait_ns;
  while (event_value(events.get(), key) != wanted) {
    const std::int64_t left_ms = (deadline - boot_now_ns()) / 1'000'000;
    if (left_ms <= 0)
      return failure(cgroup.string() + ": still not '" + std::string(key) + " " + std::to_string(wanted) + "'",
                     ETIMEDOUT);
    pollfd waiting{.fd = events.get(), .events = POLLPRI, .revents = 0};
    ::poll(&waiting, 1, static_cast<int>(left_ms));
  }
  return {};
}

// The cgroup and everything below it, children before their parents.
std::vector<fs::path> tree(const fs::path& root) {
  std::vector<fs::path> found;
  std::error_code failed;
  for (fs::directory_iterator entry(root, failed), end; !failed && entry != end; entry.increment(failed)) {
    if (!entry->is_directory(failed)) continue;
    for (fs::path& below : tree(entry->path())) found.push_back(std::move(below));
  }
  found.push_back(root);
  return found;
}

}  // namespace

Result<CgroupPlace> cgroup_place(const fs::path& folder, const fs::path& mount) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return system_failure("cgroup " + folder.string());
  const fs::path below = folder.lexically_relative(mount);
  if (below.empty() || *below.begin() == "..")
    return failure(folder.string() + " is no cgroup of " + mount.string(), EINVAL);
  return CgroupPlace{.id = status.st_ino,
                     .level = static_cast<std::uint32_t>(std::distance(below.begin(), below.end()))};
}

Result<fs::path> Cgroup::mount_point() {
  auto mounts = read_file("/proc/self/mountinfo");
  if (!mounts) return failure(std::move(mounts).error());
  std::istringstream lines(*mounts);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t separator = line.find(" - ");
    if (separator == std::string::npos || line.compare(separator + 3, 8, "cgroup2 ") != 0) continue;
    std::istringstream fields(line);
    std::string id, parent, device, root, point;
    if (fields >> id >> parent >> device >> root >> point) return fs::path(unescape(point));
  }
  return failure("no cgroup2 file system is mounted");
}

Result<Cgroup> Cgroup::create(std::string_view name) {
  auto path = below_mount(name);
  if (!path) return failure(std::move(path).error());
  std::error_code failed;
  fs::create_directories(*path, failed);
  if (failed) return failure("create cgroup " + path->string() + ": " + failed.message(), failed.value());
  return Cgroup(std::move(*path));
}

Result<Cgroup> Cgroup::open(std::string_view name) {
  auto path = below_mount(name);
  if (!path) return failure(std::move(path).error());
  std::error_code failed;
  if (!fs::is_directory(*path, failed)) return system_failure("cgroup " + path->string(), ENOENT);
  return Cgroup(std::move(*path));
}

Result<std::vector<pid_t>> Cgroup::processes() const {
  std::vector<pid_t> found;
  for (const fs::path& part : tree(path_)) {
    auto text = read_file(part / "cgroup.procs");
    if (!text && part != path_) continue;  // A child that went away meanwhile.
    if (!text) return failure(std::move(text).error());
    std::istringstream pids(*text);
    // 0 stands for a process outside our pid namespace.
    for (pid_t pid = 0; pids >> pid;)
      if (pid > 0) found.push_back(pid);
  }
  return found;
}

Status Cgroup::add(pid_t pid) const {
  return write_kernel_file(path_ / "cgroup.procs", std::to_string(pid));
}

Status Cgroup::freeze(bool frozen) const {
  if (auto written = write_kernel_file(path_ / "cgroup.freeze", frozen ? "1" : "0"); !written) return written;
  return wait_for_event(path_, "frozen", frozen ? 1 : 0, kFreezeWaitNs);
}

bool Cgroup::frozen() const {
  const UniqueFd events(::open((path_ / "cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
  return events && event_value(events.get(), "frozen") == 1;
}

Status Cgroup::kill_all() const {
  const std::int64_t deadline = boot_now_ns() + kKillWaitNs;
  auto killed = write_kernel_file(path_ / "cgroup.kill", "1");
  if (killed) return wait_for_event(path_, "populated", 0, kKillWaitNs);
  if (killed.error().code != ENOENT) return killed;
  // Before 5.14: one by one, again as long as they fork faster than we kill.
  while (boot_now_ns() < deadline) {
    auto pids = processes();
    if (!pids) return failure(std::move(pids).error());
    for (const pid_t pid : *pids) ::kill(pid, SIGKILL);
    if (wait_for_event(path_, "populated", 0, 50'000'000)) return {};
  }
  return failure(path_.string() + ": processes survive SIGKILL", ETIMEDOUT);
}

Status Cgroup::remove() const {
  for (const fs::path& part : tree(path_))
    if (::rmdir(part.c_str()) != 0 && errno != ENOENT) return system_failure("remove cgroup " + part.string());
  return {};
}

}  // namespace fracas::os
