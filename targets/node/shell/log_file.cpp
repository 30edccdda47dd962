#include "targets/node/shell/log_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace fracas::node {
namespace {

Status write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("write to the log");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> read_all(int fd) {
  std::string bytes;
  char chunk[65536];
  for (;;) {
    const ssize_t got = ::read(fd, chunk, sizeof(chunk));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("read the log");
    if (got == 0) return bytes;
    bytes.append(chunk, static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<LogFile::Opened> LogFile::open(const std::filesystem::path& folder, bool fsync, std::string_view header) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return system_failure("make " + folder.string(), error.value());
  LogFile log(folder, fsync);
  log.lock_.reset(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!log.lock_) return system_failure("open " + (folder / "lock").string());
  if (flock(log.lock_.get(), LOCK_EX | LOCK_NB) != 0) return system_failure(folder.string() + " is in use");

  const std::filesystem::path path = folder / "wal";
  log.file_.reset(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
  if (!log.file_) {
    if (errno != ENOENT) return system_failure("open " + path.string());
    if (auto made = log.replace(header); !made) return failure(std::move(made).error());
    return Opened{std::move(log), std::string(header)};
  }
  auto contents = read_all(log.file_.get());
  if (!contents) return failure(std::move(contents).error());
  // The last process may have died between its write and its fsync; what was read here is about to be relied on.
  if (fsync && fdatasync(log.file_.get()) != 0) return system_failure("fsync " + path.string());
  return Opened{std::move(log), std::move(*contents)};
}

Status LogFile::truncate(std::size_t bytes) {
  if (ftruncate(file_.get(), static_cast<off_t>(bytes)) != 0) return system_failure("cut the torn tail of the log");
  if (fsync_ && fdatasync(file_.get()) != 0) return system_failure("fsync the log");
  return {};
}

Status LogFile::append(std::string_view bytes) {
  if (auto written = write_all(file_.get(), bytes); !written) return written;
  if (fsync_ && fdatasync(file_.get()) != 0) return system_failure("fsync the log");
  return {};
}

Status LogFile::replace(std::string_view contents) {
  const std::filesystem::path fresh = folder_ / "wal.new";
  os::UniqueFd file(::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!file) return system_failure("open " + fresh.string());
  if (auto written = write_all(file.get(), contents); !written) return written;
  if (fsync_ && fdatasync(file.get()) != 0) return system_failure("fsync " + fresh.string());
  if (rename(fresh.c_str(), (folder_ / "wal").c_str()) != 0) return system_failure("rename " + fresh.string());
  file_ = std::move(file);
  return sync_folder();
}

Status LogFile::sync_folder() const {
  if (!fsync_) return {};
  const os::UniqueFd folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || fsync(folder.get()) != 0) return system_failure("fsync " + folder_.string());
  return {};
}

}  // namespace fracas::node
