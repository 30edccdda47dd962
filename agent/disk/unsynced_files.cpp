#include "agent/disk/unsynced_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "lib/base/log.h"
#include "lib/base/random.h"

namespace fracas::agent {
namespace {

constexpr off_t kBlock = 4096;
constexpr std::size_t kSector = 512;
constexpr std::size_t kBlocksMax = (64U << 20) / kBlock;

std::vector<char> read_at(int fd, off_t offset, std::size_t size) {
  std::vector<char> bytes(size);
  const ssize_t got = ::pread(fd, bytes.data(), size, offset);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

void write_at(int fd, const std::vector<char>& bytes, off_t offset) {
  if (bytes.empty()) return;
  if (::pwrite(fd, bytes.data(), bytes.size(), offset) != static_cast<ssize_t>(bytes.size()))
    log::error("disk server: put back {} bytes: not all of them were taken", bytes.size());
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

Result<UnsyncedFiles::File*> UnsyncedFiles::file_of(int fd) {
  struct stat found {};
  if (::fstat(fd, &found) != 0) return system_failure("stat an open file");
  const Key key(found.st_dev, found.st_ino);
  if (const auto known = files_.find(key); known != files_.end()) return &known->second;
  File file;
  // Its own copy: the victim's is closed when it dies, and the file may be renamed meanwhile.
  file.fd.reset(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!file.fd) return system_failure("keep a written file open");
  file.old_size = found.st_size;
  return &files_.emplace(key, std::move(file)).first->second;
}

Status UnsyncedFiles::remember(File& file, off_t begin, off_t end) {
  end = std::min(end, file.old_size);
  for (off_t block = begin / kBlock * kBlock; block < end; block += kBlock) {
    if (file.old_blocks.contains(block)) continue;
    // A part of the block that has been appended since the sync is cut off later anyway.
    const auto size = static_cast<std::size_t>(std::min(kBlock, file.old_size - block));
    file.old_blocks.emplace(block, read_at(file.fd.get(), block, size));
  }
  return {};
}

Status UnsyncedFiles::before_write(int fd, off_t offset, std::optional<std::size_t> size) {
  const std::lock_guard lock(mutex_);
  auto file = file_of(fd);
  if (!file) return failure(std::move(file).error());
  const off_t end = size ? offset + static_cast<off_t>(*size) : (*file)->old_size;
  const auto blocks = static_cast<std::size_t>(std::max<off_t>(0, std::min(end, (*file)->old_size) - offset) / kBlock);
  if ((*file)->old_blocks.size() + blocks > kBlocksMax) {
    if (::fdatasync(fd) != 0) return system_failure("sync a file with much to remember");
    struct stat found {};
    if (::fstat(fd, &found) != 0) return system_failure("stat an open file");
    files_.erase({found.st_dev, found.st_ino});
    return {};
  }
  if (auto remembered = remember(**file, offset, end); !remembered) return remembered;
  if ((*file)->writes++ == 0) (*file)->first_write = {offset, size.value_or(0)};
  return {};
}

Status UnsyncedFiles::created(int fd, const std::string& path) {
  const std::lock_guard lock(mutex_);
  auto file = file_of(fd);
  if (!file) return failure(std::move(file).error());
  (*file)->created_as = path;
  return {};
}

void UnsyncedFiles::synced(int fd) {
  struct stat found {};
  if (::fstat(fd, &found) != 0) return;
  const std::lock_guard lock(mutex_);
  files_.erase({found.st_dev, found.st_ino});
}

void UnsyncedFiles::folder_synced(const std::string& path) {
  const std::lock_guard lock(mutex_);
  for (auto& [key, file] : files_)
    if (parent_of(file.created_as) == path) file.created_as.clear();
}

void UnsyncedFiles::renamed(const std::string& from) {
  const std::lock_guard lock(mutex_);
  for (auto& [key, file] : files_)
    if (file.created_as == from) file.created_as.clear();
}

UnsyncedFiles::Loss UnsyncedFiles::drop(bool torn, std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  Loss loss;
  RandomStream random(seed, "disk.lose-unsynced");
  for (auto& [key, file] : files_) drop_file(file, torn, random.next(), loss);
  files_.clear();
  return loss;
}

void UnsyncedFiles::drop_file(File& file, bool torn, std::uint64_t random, Loss& loss) const {
  struct stat found {};
  if (::fstat(file.fd.get(), &found) != 0) return;
  const std::size_t sectors = (file.first_write.second + kSector - 1) / kSector;
  std::vector<char> kept;
  if (torn && sectors > 1)
    kept = read_at(file.fd.get(), file.first_write.first, (1 + random % (sectors - 1)) * kSector);
  loss.writes += file.writes;
  for (const auto& [offset, old] : file.old_blocks) {
    loss.bytes += old.size();
    write_at(file.fd.get(), old, offset);
  }
  if (found.st_size > file.old_size) loss.bytes += static_cast<std::uint64_t>(found.st_size - file.old_size);
  if (::ftruncate(file.fd.get(), file.old_size) != 0) log::error("disk server: cut a file to its old length failed");
  write_at(file.fd.get(), kept, file.first_write.first);
  static_cast<void>(::fsync(file.fd.get()));
  if (!file.created_as.empty() && kept.empty()) static_cast<void>(::unlinkat(folder_, file.created_as.c_str(), 0));
}

}  // namespace fracas::agent
