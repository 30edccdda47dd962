#include "lib/os/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "lib/os/process.h"

namespace fracas::os {
namespace {

Status write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("write " + path.string());
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// A rename or an unlink is on the disk only when its folder is.
Status sync_folder(const std::filesystem::path& file) {
  std::filesystem::path folder = file.parent_path();
  if (folder.empty()) folder = ".";
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return system_failure("open " + folder.string());
  if (::fsync(fd.get()) != 0) return system_failure("fsync " + folder.string());
  return {};
}

Status write_synced(const std::filesystem::path& path, std::string_view content, unsigned mode) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (!fd) return system_failure("create " + path.string());
  if (auto done = write_all(fd.get(), content, path); !done) return done;
  if (::fsync(fd.get()) != 0) return system_failure("fsync " + path.string());
  return {};
}

constexpr std::string_view kUnfinished = ".tmp";

// A zombie writes no more.
bool is_alive(pid_t pid) {
  const auto process = ProcessIdentity::of(pid);
  return process && process->alive();
}

// The process in a neighbour's name ".NAME.PID.TID.tmp"; nothing if it is another file.
std::optional<pid_t> writer_of(std::string name) {
  if (!name.starts_with('.') || !name.ends_with(kUnfinished)) return std::nullopt;
  name.resize(name.size() - kUnfinished.size());
  const std::size_t thread = name.rfind('.');
  const std::size_t process = thread == 0 ? thread : name.rfind('.', thread - 1);
  if (process == 0 || process == std::string::npos) return std::nullopt;
  pid_t pid = 0;
  const char* end = name.data() + thread;
  const auto read = std::from_chars(name.data() + process + 1, end, pid);
  return read.ec == std::errc() && read.ptr == end && pid > 0 ? std::optional(pid) : std::nullopt;
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_failure("open " + path.string());
  std::string content;
  std::array<char, 16384> chunk{};
  for (;;) {
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("read " + path.string());
    if (got == 0) return content;
    content.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

Status write_file_durably(const std::filesystem::path& path, std::string_view content, unsigned mode) {
  // The neighbour's name tells processes and threads apart, so that two writers of one path do not mix.
  const std::filesystem::path neighbour =
      path.parent_path() / fmt::format(".{}.{}.{}{}", path.filename().string(), ::getpid(), ::gettid(), kUnfinished);
  if (auto written = write_synced(neighbour, content, mode); !written) {
    ::unlink(neighbour.c_str());
    return written;
  }
  if (::rename(neighbour.c_str(), path.c_str()) != 0) {
    const int code = errno;
    ::unlink(neighbour.c_str());
    return system_failure("rename to " + path.string(), code);
  }
  return sync_folder(path);
}

Status remove_unfinished(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> left;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
    if (const auto writer = writer_of(entry->path().filename()); writer && !is_alive(*writer))
      left.push_back(entry->path());
  if (failed && failed != std::errc::no_such_file_or_directory)
    return system_failure("read " + folder.string(), failed.value());
  for (const std::filesystem::path& file : left)
    if (auto removed = remove_durably(file); !removed) return removed;
  return {};
}

Status write_kernel_file(const std::filesystem::path& path, std::string_view content) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return system_failure("open " + path.string());
  const ssize_t written = ::write(fd.get(), content.data(), content.size());
  if (written < 0) return system_failure("write " + path.string());
  if (static_cast<std::size_t>(written) != content.size())
    return failure("write " + path.string() + ": cut short", EIO);
  return {};
}

Status remove_durably(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return system_failure("remove " + path.string());
  }
  return sync_folder(path);
}

Result<UniqueFd> try_lock_file(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return system_failure("open " + path.string());
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
    if (errno != EINTR) return system_failure("lock " + path.string());
  return fd;
}

std::filesystem::path own_folder() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::filesystem::path(".") : program.parent_path();
}

}  // namespace fracas::os
