#include "controller/world/lab_cgroup.h"

#include <fmt/format.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <sstream>

#include "controller/world/lab_plan.h"
#include "lib/os/cgroup.h"

namespace fracas::controller {
namespace {

// "trusted." attributes need CAP_SYS_ADMIN, which every lab has. Source: kernel fs/kernfs/inode.c, xattr(7).
constexpr const char* kOwnerAttribute = "trusted.fracas.owner";
constexpr const char* kParent = "fracas";
constexpr int kMakeAttempts = 3;

}  // namespace

Status make_lab_cgroup(const std::string& name, const os::ProcessIdentity& owner) {
  const std::string mark = fmt::format("{} {}", owner.pid, owner.start_ticks);
  for (int attempt = 1;; ++attempt) {
    const auto made = os::Cgroup::create(name);
    if (made && ::setxattr(made->path().c_str(), kOwnerAttribute, mark.data(), mark.size(), 0) == 0) return {};
    const int code = made ? errno : made.error().code;
    // Another lab's end may take away the empty parent, or a heal the cgroup that has no mark yet.
    if (code == ENOENT && attempt < kMakeAttempts) continue;
    return made ? Status(system_failure("mark cgroup " + name, code)) : failure(made.error());
  }
}

std::optional<os::ProcessIdentity> lab_cgroup_owner(const std::string& name) {
  const auto cgroup = os::Cgroup::open(name);
  if (!cgroup) return std::nullopt;
  std::array<char, 64> mark{};
  const ssize_t size = ::getxattr(cgroup->path().c_str(), kOwnerAttribute, mark.data(), mark.size());
  if (size <= 0) return std::nullopt;
  std::istringstream fields(std::string(mark.data(), static_cast<std::size_t>(size)));
  os::ProcessIdentity owner;
  if (!(fields >> owner.pid >> owner.start_ticks)) return std::nullopt;
  return owner;
}

std::vector<std::string> lab_ids_of_cgroups() {
  const auto mount = os::Cgroup::mount_point();
  if (!mount) return {};
  std::vector<std::string> ids;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(*mount / kParent, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename();
    if (const std::string_view id = lab_id_of_cgroup(name); !id.empty()) ids.emplace_back(id);
  }
  return ids;
}

Status empty_cgroup(const std::string& name) {
  const auto cgroup = os::Cgroup::open(name);
  if (!cgroup) return {};
  auto killed = cgroup->kill_all();
  // Somebody else's removal may have come first.
  if (!killed && !os::Cgroup::open(name)) return {};
  return killed;
}

Result<bool> remove_cgroup(const std::string& name) {
  const auto cgroup = os::Cgroup::open(name);
  if (!cgroup) return false;
  if (auto killed = empty_cgroup(name); !killed) return failure(std::move(killed).error());
  if (auto removed = cgroup->remove(); !removed) return failure(std::move(removed).error());
  // The last one takes the parent along; it does not go while there are others.
  ::rmdir(cgroup->path().parent_path().c_str());
  return true;
}

bool remove_empty_cgroup(const std::string& name) {
  const auto cgroup = os::Cgroup::open(name);
  return cgroup && ::rmdir(cgroup->path().c_str()) == 0;
}

}  // namespace fracas::controller
