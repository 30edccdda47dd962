#include "agent/resources/controller_group.h"

#include <cerrno>
#include <sstream>
#include <vector>

#include "lib/os/file.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

bool lists(const std::string& comma_separated, std::string_view wanted) {
  std::istringstream parts(comma_separated);
  for (std::string part; std::getline(parts, part, ',');)
    if (part == wanted) return true;
  return false;
}

}  // namespace

std::optional<ControllerMount> find_v1_mount(std::string_view mountinfo, std::string_view controller) {
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t separator = line.find(" - cgroup ");
    if (separator == std::string::npos) continue;
    std::istringstream before(line), after(line.substr(separator + 3));
    std::string id, parent, device, root, point, type, source, options;
    if (!(before >> id >> parent >> device >> root >> point) || !(after >> type >> source >> options)) continue;
    if (lists(options, controller)) return ControllerMount{.point = point, .root = root};
  }
  return std::nullopt;
}

std::optional<std::string> find_v1_cgroup(std::string_view proc_cgroup, std::string_view controller) {
  std::istringstream lines{std::string(proc_cgroup)};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    if (lists(line.substr(first + 1, second - first - 1), controller)) return line.substr(second + 1);
  }
  return std::nullopt;
}

bool has_v1_controller(std::string_view controller) {
  const auto mounts = os::read_file("/proc/self/mountinfo");
  return mounts && find_v1_mount(*mounts, controller);
}

Result<fs::path> v1_group_of(pid_t pid, std::string_view controller) {
  auto mounts = os::read_file("/proc/self/mountinfo");
  if (!mounts) return failure(std::move(mounts).error());
  const auto mount = find_v1_mount(*mounts, controller);
  if (!mount)
    return failure("no cgroup hierarchy of the controller " + std::string(controller) + " is mounted", ENOENT);
  auto groups = os::read_file("/proc/" + std::to_string(pid) + "/cgroup");
  if (!groups) return system_failure("cgroups of process " + std::to_string(pid), ESRCH);
  const auto cgroup = find_v1_cgroup(*groups, controller);
  if (!cgroup) return system_failure("cgroups of process " + std::to_string(pid), ESRCH);
  // In a container the mount may show only a part of the hierarchy.
  const fs::path below = fs::path(*cgroup).lexically_relative(mount->root);
  if (below.empty() || *below.begin() == "..")
    return failure("cgroup " + *cgroup + " of process " + std::to_string(pid) + " is outside what is mounted here",
                   ENOENT);
  return below == "." ? mount->point : mount->point / below;
}

Result<os::Cgroup> cgroup_at(const fs::path& folder) {
  auto mount = os::Cgroup::mount_point();
  if (!mount) return failure(std::move(mount).error());
  return os::Cgroup::open(folder.lexically_relative(*mount).string());
}

}  // namespace fracas::agent
