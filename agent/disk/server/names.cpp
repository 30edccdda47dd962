#define FUSE_USE_VERSION 312
#include <dirent.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>

#include "agent/disk/server/files.h"

// Calls on names. What FUSE wants back is 0 or a negative errno.
namespace fracas::agent {
namespace {

int folder() {
  return served().fd();
}

int answer(long result) {
  return result < 0 ? -errno : 0;
}

OpenFile* file_of(const fuse_file_info* info) {
  return info == nullptr ? nullptr : reinterpret_cast<OpenFile*>(info->fh);
}

int enter(DiskOperation operation, const char* path) {
  return -served().enter({.operation = operation, .path = below(path)}).error;
}

// What the server makes belongs to whoever asked.
void give_to_caller(const char* path) {
  const fuse_context* caller = fuse_get_context();
  if (caller->uid == 0 && caller->gid == 0) return;
  static_cast<void>(!::fchownat(folder(), below(path), caller->uid, caller->gid, AT_SYMLINK_NOFOLLOW));
}

int get_attributes(const char* path, struct stat* found, fuse_file_info* info) {
  if (const OpenFile* file = file_of(info)) return answer(::fstat(file->fd.get(), found));
  return answer(::fstatat(folder(), below(path), found, AT_SYMLINK_NOFOLLOW));
}

int read_link(const char* path, char* buffer, std::size_t size) {
  const ssize_t got = ::readlinkat(folder(), below(path), buffer, size - 1);
  if (got < 0) return -errno;
  buffer[got] = '\0';
  return 0;
}

int read_folder(const char* path, void* buffer, fuse_fill_dir_t fill, off_t /*offset*/, fuse_file_info* /*info*/,
                fuse_readdir_flags /*flags*/) {
  const int fd = ::openat(folder(), below(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -errno;
  DIR* entries = ::fdopendir(fd);
  if (entries == nullptr) {
    ::close(fd);
    return -ENOMEM;
  }
  while (const dirent* entry = ::readdir(entries)) {
    struct stat known {};
    known.st_ino = entry->d_ino;
    known.st_mode = static_cast<mode_t>(entry->d_type) << 12U;
    if (fill(buffer, entry->d_name, &known, 0, fuse_fill_dir_flags{}) != 0) break;
  }
  ::closedir(entries);
  return 0;
}

int make_node(const char* path, mode_t mode, dev_t device) {
  if (const int error = enter(DiskOperation::open, path); error != 0) return error;
  const int made = answer(::mknodat(folder(), below(path), mode, device));
  if (made == 0) give_to_caller(path);
  return made;
}

int make_folder(const char* path, mode_t mode) {
  if (const int error = enter(DiskOperation::open, path); error != 0) return error;
  const int made = answer(::mkdirat(folder(), below(path), mode));
  if (made == 0) give_to_caller(path);
  return made;
}

int remove_file(const char* path) {
  return answer(::unlinkat(folder(), below(path), 0));
}

int remove_folder(const char* path) {
  return answer(::unlinkat(folder(), below(path), AT_REMOVEDIR));
}

int make_symlink(const char* target, const char* path) {
  const int made = answer(::symlinkat(target, folder(), below(path)));
  if (made == 0) give_to_caller(path);
  return made;
}

int rename_name(const char* from, const char* to, unsigned flags) {
  // What is removed while it is open gets such a name until it is closed: not a call of the victim's.
  const bool hidden = std::string_view(to).find("/.fuse_hidden") != std::string_view::npos;
  if (!hidden)
    if (const int error = enter(DiskOperation::rename, from); error != 0) return error;
  if (::renameat2(folder(), below(from), folder(), below(to), flags) != 0) return -errno;
  served().unsynced().renamed(below(from));
  return 0;
}

int make_link(const char* from, const char* to) {
  return answer(::linkat(folder(), below(from), folder(), below(to), 0));
}

int change_mode(const char* path, mode_t mode, fuse_file_info* info) {
  if (const OpenFile* file = file_of(info)) return answer(::fchmod(file->fd.get(), mode));
  return answer(::fchmodat(folder(), below(path), mode, 0));
}

int change_owner(const char* path, uid_t user, gid_t group, fuse_file_info* info) {
  if (const OpenFile* file = file_of(info)) return answer(::fchown(file->fd.get(), user, group));
  return answer(::fchownat(folder(), below(path), user, group, AT_SYMLINK_NOFOLLOW));
}

int change_times(const char* path, const timespec* times, fuse_file_info* info) {
  if (const OpenFile* file = file_of(info)) return answer(::futimens(file->fd.get(), times));
  return answer(::utimensat(folder(), below(path), times, AT_SYMLINK_NOFOLLOW));
}

int file_system_status(const char* /*path*/, struct statvfs* status) {
  if (::fstatvfs(folder(), status) != 0) return -errno;
  const DiskControl& control = served().control();
  if (control.fill != 0 && status->f_frsize > 0)
    status->f_bavail =
        std::min<fsblkcnt_t>(status->f_bavail, static_cast<fsblkcnt_t>(control.free_bytes) / status->f_frsize);
  return 0;
}

int sync_folder(const char* path, int /*data_only*/, fuse_file_info* /*info*/) {
  if (const int error = enter(DiskOperation::fsync, path); error != 0) return error;
  const os::UniqueFd opened(::openat(folder(), below(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) return -errno;
  served().unsynced().folder_synced(below(path));
  return 0;
}

// Extended attributes have no *at() calls; this path leads below the mount all the same.
std::string through_descriptor(const char* path) {
  return "/proc/self/fd/" + std::to_string(folder()) + "/" + below(path);
}

int set_attribute(const char* path, const char* name, const char* value, std::size_t size, int flags) {
  return answer(::lsetxattr(through_descriptor(path).c_str(), name, value, size, flags));
}

int get_attribute(const char* path, const char* name, char* value, std::size_t size) {
  const ssize_t got = ::lgetxattr(through_descriptor(path).c_str(), name, value, size);
  return got < 0 ? -errno : static_cast<int>(got);
}

int list_attributes(const char* path, char* names, std::size_t size) {
  const ssize_t got = ::llistxattr(through_descriptor(path).c_str(), names, size);
  return got < 0 ? -errno : static_cast<int>(got);
}

int remove_attribute(const char* path, const char* name) {
  return answer(::lremovexattr(through_descriptor(path).c_str(), name));
}

}  // namespace

void add_name_operations(fuse_operations& operations) {
  operations.getattr = get_attributes;
  operations.readlink = read_link;
  operations.readdir = read_folder;
  operations.mknod = make_node;
  operations.mkdir = make_folder;
  operations.unlink = remove_file;
  operations.rmdir = remove_folder;
  operations.symlink = make_symlink;
  operations.rename = rename_name;
  operations.link = make_link;
  operations.chmod = change_mode;
  operations.chown = change_owner;
  operations.utimens = change_times;
  operations.statfs = file_system_status;
  operations.fsyncdir = sync_folder;
  operations.setxattr = set_attribute;
  operations.getxattr = get_attribute;
  operations.listxattr = list_attributes;
  operations.removexattr = remove_attribute;
}

}  // namespace fracas::agent
