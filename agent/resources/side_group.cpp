#include "agent/resources/side_group.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "agent/resources/controller_group.h"
#include "lib/os/file.h"

namespace fracas::agent {

namespace fs = std::filesystem;

Result<std::vector<UndoStep>> SideGroup::plan(const std::vector<ServiceSite>& victims) {
  for (Move& move : moves_) move.pids.clear();
  for (const ServiceSite& victim : victims) {
    auto processes = processes_of(victim);
    if (!processes) return failure(std::move(processes).error());
    for (const os::ProcessIdentity& process : *processes) {
      auto home = v1_group_of(process.pid, controller_);
      if (!home && home.error().code == ESRCH) continue;
      if (!home) return failure(std::move(home).error());
      // In ours, or in that of another fault inside of it.
      if (std::find(home->begin(), home->end(), name_) != home->end()) continue;
      auto move =
          std::find_if(moves_.begin(), moves_.end(), [&home](const Move& other) { return other.home == *home; });
      if (move == moves_.end()) move = moves_.insert(moves_.end(), Move{.home = *home, .pids = {}});
      move->pids.push_back(process.pid);
    }
  }
  std::vector<UndoStep> steps;
  for (const Move& move : moves_) {
    steps.push_back(MoveBack{.group = move.home / name_, .home = move.home});
    steps.push_back(WriteBack{.file = move.home / name_ / no_limit_.file, .content = no_limit_.content});
  }
  return steps;
}

Result<std::size_t> SideGroup::apply(const std::vector<Setting>& settings) {
  std::size_t moved = 0;
  for (const Move& move : moves_) {
    const fs::path group = move.home / name_;
    const bool made = ::mkdir(group.c_str(), 0755) == 0;
    if (!made && errno != EEXIST) return system_failure("make cgroup " + group.string());
    for (const Setting& setting : settings) {
      if (!made) break;
      if (auto set = os::write_kernel_file(group / setting.file, setting.content); !set)
        return failure(std::move(set).error());
    }
    for (const pid_t pid : move.pids) {
      auto entered = os::write_kernel_file(group / "cgroup.procs", std::to_string(pid));
      if (entered) ++moved;
      if (!entered && entered.error().code != ESRCH) return failure(std::move(entered).error());
    }
  }
  return moved;
}

std::vector<fs::path> SideGroup::groups() const {
  std::vector<fs::path> found;
  for (const Move& move : moves_) found.push_back(move.home / name_);
  return found;
}

std::uint64_t keyed_value(const fs::path& file, std::string_view key) {
  const auto text = os::read_file(file);
  if (!text) return 0;
  std::istringstream lines(*text);
  std::string name;
  for (std::uint64_t value = 0; lines >> name >> value;)
    if (name == key) return value;
  return 0;
}

}  // namespace fracas::agent
