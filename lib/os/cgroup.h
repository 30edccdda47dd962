#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace fracas::os {

// How a BPF program tells a cgroup: bpf_get_current_ancestor_cgroup_id(level) is `id` for whoever is in it or below it.
struct CgroupPlace {
  std::uint64_t id = 0;     // its inode number
  std::uint32_t level = 0;  // below the mount point, which is 0
};

// Of a cgroup's folder below the mount point. ERRORS: it does not exist, or lies elsewhere (EINVAL).
Result<CgroupPlace> cgroup_place(const std::filesystem::path& folder, const std::filesystem::path& mount);

// A cgroup of the unified (version 2) hierarchy, which may be mounted beside version 1 controllers. A handle, not an
// owner: cgroups outlive processes, so what makes one writes that down first and removes it explicitly.
// Source: Documentation/admin-guide/cgroup-v2.rst.
class Cgroup {
 public:
  // Where the cgroup2 file system is mounted, from /proc/self/mountinfo. ERRORS: none is mounted.
  static Result<std::filesystem::path> mount_point();

  // Makes `name`, a path below the mount point like "fracas/lab-3f2a/n1", with its parents; an existing one is taken as
  // it is.
  static Result<Cgroup> create(std::string_view name);
  // A handle to one that exists. ERRORS: ENOENT.
  static Result<Cgroup> open(std::string_view name);

  const std::filesystem::path& path() const { return path_; }

  // Every process in it and below it.
  Result<std::vector<pid_t>> processes() const;
  Status add(pid_t pid) const;
  // Freezes or thaws everything in it and below it (cgroup.freeze) and waits, at most a second, until it is so.
  Status freeze(bool frozen) const;
  bool frozen() const;
  // SIGKILLs everything in it and below it (cgroup.kill; one by one on kernels before 5.14) and waits, at most five
  // seconds, until it is empty.
  Status kill_all() const;
  // Removes it and everything below it. REQUIRES: empty. A missing one is no error.
  Status remove() const;

 private:
  explicit Cgroup(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace fracas::os
