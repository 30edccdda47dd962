#include "targets/raft/shell/wal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "targets/raft/shell/wal_format.h"

namespace fracas::raft {
namespace {

Status write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("write to the write-ahead log");
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
    if (got < 0) return system_failure("read the write-ahead log");
    if (got == 0) return bytes;
    bytes.append(chunk, static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<Wal::Opened> Wal::open(const std::filesystem::path& folder, bool fsync) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return system_failure("make " + folder.string(), error.value());
  Wal wal(folder, fsync);
  wal.lock_.reset(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!wal.lock_) return system_failure("open " + (folder / "lock").string());
  if (flock(wal.lock_.get(), LOCK_EX | LOCK_NB) != 0) return system_failure(folder.string() + " is in use");

  const std::filesystem::path path = folder / "wal";
  wal.file_.reset(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
  if (!wal.file_) {
    if (errno != ENOENT) return system_failure("open " + path.string());
    if (auto made = wal.replace(wal_header()); !made) return failure(std::move(made).error());
    return Opened{std::move(wal), {}};
  }
  auto bytes = read_all(wal.file_.get());
  if (!bytes) return failure(std::move(bytes).error());
  auto contents = parse_wal(*bytes);
  if (!contents) return failure(std::move(contents).error().context(path.string()));
  if (contents->good_bytes < bytes->size()) {
    if (ftruncate(wal.file_.get(), static_cast<off_t>(contents->good_bytes)) != 0)
      return system_failure("cut the torn tail of " + path.string());
  }
  // The last process may have died between its write and its fsync; what was read here is about to be relied on.
  if (fsync && fdatasync(wal.file_.get()) != 0) return system_failure("fsync " + path.string());
  return Opened{std::move(wal), std::move(contents->recovered)};
}

Status Wal::write(const std::vector<Record>& records) {
  std::string bytes;
  for (const Record& record : records) {
    if (!std::holds_alternative<Compaction>(record)) {
      bytes += wal_bytes(record);
      continue;
    }
    // A compaction holds everything that was written before it, so nothing pending needs the old file.
    bytes.clear();
    if (auto done = replace(wal_header() + wal_bytes(record)); !done) return done;
  }
  return bytes.empty() ? Status{} : append(bytes);
}

Status Wal::append(std::string_view bytes) {
  if (auto written = write_all(file_.get(), bytes); !written) return written;
  if (fsync_ && fdatasync(file_.get()) != 0) return system_failure("fsync the write-ahead log");
  return {};
}

Status Wal::replace(std::string_view contents) {
  const std::filesystem::path fresh = folder_ / "wal.new";
  UniqueFd file(::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!file) return system_failure("open " + fresh.string());
  if (auto written = write_all(file.get(), contents); !written) return written;
  if (fsync_ && fdatasync(file.get()) != 0) return system_failure("fsync " + fresh.string());
  if (rename(fresh.c_str(), (folder_ / "wal").c_str()) != 0) return system_failure("rename " + fresh.string());
  file_ = std::move(file);
  return sync_folder();
}

Status Wal::sync_folder() const {
  if (!fsync_) return {};
  const UniqueFd folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || fsync(folder.get()) != 0) return system_failure("fsync " + folder_.string());
  return {};
}

}  // namespace fracas::raft
