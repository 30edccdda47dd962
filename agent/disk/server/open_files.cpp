#define FUSE_USE_VERSION 312
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "agent/disk/server/files.h"
#include "lib/os/clock.h"

// Calls on open files. What FUSE wants back is 0 or a count, or a negative errno.
namespace fracas::agent {
namespace {

OpenFile& file_of(const fuse_file_info* info) {
  return *reinterpret_cast<OpenFile*>(info->fh);
}

int enter(DiskOperation operation, const std::string& path, std::size_t bytes = 0, std::size_t growth = 0) {
  return -served().enter({.operation = operation, .path = path, .bytes = bytes, .growth = growth}).error;
}

// The offsets come from the kernel, and what is overwritten may have to be read first.
int served_flags(int asked) {
  int flags = asked & ~(O_APPEND | O_TRUNC | O_DIRECT | O_EXCL | O_CREAT);
  if ((flags & O_ACCMODE) == O_WRONLY) flags = (flags & ~O_ACCMODE) | O_RDWR;
  return flags | O_CLOEXEC;
}

// Counts a write of the file, and remembers what it changes if a power cut is to undo it.
int before_change(const OpenFile& file, off_t offset, std::optional<std::size_t> size) {
  if (!served().tracks(file.path)) return 0;
  auto remembered = served().unsynced().before_write(file.fd.get(), offset, size);
  if (!remembered) return -(remembered.error().code != 0 ? remembered.error().code : EIO);
  count_matched(served().control().fault);
  return 0;
}

std::size_t growth_of(const OpenFile& file, off_t end) {
  struct stat found {};
  if (::fstat(file.fd.get(), &found) != 0 || end <= found.st_size) return 0;
  return static_cast<std::size_t>(end - found.st_size);
}

// What there is to read from `offset` on.
std::size_t left_of(const OpenFile& file, off_t offset) {
  struct stat found {};
  if (::fstat(file.fd.get(), &found) != 0 || offset >= found.st_size) return 0;
  return static_cast<std::size_t>(found.st_size - offset);
}

int change_length(const OpenFile& file, off_t size) {
  if (const int error = enter(DiskOperation::write, file.path, 0, growth_of(file, size)); error != 0) return error;
  if (const int error = before_change(file, size, std::nullopt); error != 0) return error;
  return ::ftruncate(file.fd.get(), size) == 0 ? 0 : -errno;
}

void keep(OpenFile file, fuse_file_info* info) {
  info->fh = reinterpret_cast<std::uint64_t>(std::make_unique<OpenFile>(std::move(file)).release());
}

int open_file(const char* path, fuse_file_info* info) {
  if (const int error = enter(DiskOperation::open, below(path)); error != 0) return error;
  OpenFile file{os::UniqueFd(::openat(served().fd(), below(path), served_flags(info->flags))), below(path)};
  if (!file.fd) return -errno;
  if ((info->flags & O_TRUNC) != 0)
    if (const int error = change_length(file, 0); error != 0) return error;
  keep(std::move(file), info);
  return 0;
}

int create_file(const char* path, mode_t mode, fuse_file_info* info) {
  if (const int error = enter(DiskOperation::open, below(path)); error != 0) return error;
  const int flags = served_flags(info->flags) | O_CREAT;
  OpenFile file{os::UniqueFd(::openat(served().fd(), below(path), flags | O_EXCL, mode)), below(path)};
  const bool made = static_cast<bool>(file.fd);
  // Somebody else was faster; that is an error only for who asked to be the first.
  if (!made && errno == EEXIST && (info->flags & O_EXCL) == 0)
    file.fd.reset(::openat(served().fd(), below(path), flags, mode));
  if (!file.fd) return -errno;
  const fuse_context* caller = fuse_get_context();
  if (made) static_cast<void>(!::fchown(file.fd.get(), caller->uid, caller->gid));
  if (made && served().tracks(file.path)) static_cast<void>(served().unsynced().created(file.fd.get(), file.path));
  keep(std::move(file), info);
  return 0;
}

int close_file(const char* /*path*/, fuse_file_info* info) {
  std::unique_ptr<OpenFile>(&file_of(info)).reset();
  return 0;
}

int read_file(const char* /*path*/, char* buffer, std::size_t size, off_t offset, fuse_file_info* info) {
  const OpenFile& file = file_of(info);
  const std::size_t there = std::min(size, left_of(file, offset));
  const DiskVerdict verdict = served().enter({.operation = DiskOperation::read, .path = file.path, .bytes = there});
  if (verdict.error != 0) return -verdict.error;
  const ssize_t got = ::pread(file.fd.get(), buffer, size, offset);
  if (got < 0) return -errno;
  const std::span<char> read(buffer, static_cast<std::size_t>(got));
  const auto from = static_cast<std::uint64_t>(offset);
  DiskControl& control = served().control();
  if (verdict.corrupt && flip_bits(control, file.path, from, verdict.random, read) > 0)
    count_affected(control.fault, os::boot_now_ns(), 1, read.size());
  return static_cast<int>(got);
}

int write_file(const char* /*path*/, const char* bytes, std::size_t size, off_t offset, fuse_file_info* info) {
  const OpenFile& file = file_of(info);
  const std::size_t growth = growth_of(file, offset + static_cast<off_t>(size));
  if (const int error = enter(DiskOperation::write, file.path, size, growth); error != 0) return error;
  if (const int error = before_change(file, offset, size); error != 0) return error;
  const ssize_t put = ::pwrite(file.fd.get(), bytes, size, offset);
  return put < 0 ? -errno : static_cast<int>(put);
}

int truncate_file(const char* path, off_t size, fuse_file_info* info) {
  if (info != nullptr) return change_length(file_of(info), size);
  const OpenFile file{os::UniqueFd(::openat(served().fd(), below(path), O_RDWR | O_CLOEXEC)), below(path)};
  return file.fd ? change_length(file, size) : -errno;
}

int allocate(const char* /*path*/, int mode, off_t offset, off_t size, fuse_file_info* info) {
  const OpenFile& file = file_of(info);
  const std::size_t growth = (mode & FALLOC_FL_KEEP_SIZE) != 0 ? 0 : growth_of(file, offset + size);
  if (const int error = enter(DiskOperation::write, file.path, 0, growth); error != 0) return error;
  if (const int error = before_change(file, offset, static_cast<std::size_t>(size)); error != 0) return error;
  return ::fallocate(file.fd.get(), mode, offset, size) == 0 ? 0 : -errno;
}

int sync_file(const char* /*path*/, int data_only, fuse_file_info* info) {
  const OpenFile& file = file_of(info);
  if (const int error = enter(DiskOperation::fsync, file.path); error != 0) return error;
  const int synced = data_only != 0 ? ::fdatasync(file.fd.get()) : ::fsync(file.fd.get());
  if (synced != 0) return -errno;
  served().unsynced().synced(file.fd.get());
  return 0;
}

off_t seek(const char* /*path*/, off_t offset, int whence, fuse_file_info* info) {
  const off_t found = ::lseek(file_of(info).fd.get(), offset, whence);
  return found < 0 ? -errno : found;
}

}  // namespace

void add_file_operations(fuse_operations& operations) {
  operations.open = open_file;
  operations.create = create_file;
  operations.release = close_file;
  operations.read = read_file;
  operations.write = write_file;
  operations.truncate = truncate_file;
  operations.fallocate = allocate;
  operations.fsync = sync_file;
  operations.lseek = seek;
}

}  // namespace fracas::agent
