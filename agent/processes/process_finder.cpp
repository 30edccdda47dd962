#include "agent/processes/process_finder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "agent/processes/container_id.h"
#include "agent/processes/listeners.h"
#include "lib/os/cgroup.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSeenMax = 100;
constexpr std::size_t kCgroupsMax = 16;

// The way to the host, and what undoes faults.
constexpr std::array<std::string_view, 7> kNever = {"sshd",         "fracas",      "fracas-agent", "fracas-guardian",
                                                    "fracas-trace", "fracas-disk", "fracas-stress"};

struct NamespaceId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const NamespaceId&) const = default;
};

std::optional<NamespaceId> network_of(const std::string& process) {
  struct stat status {};
  if (::stat(("/proc/" + process + "/ns/net").c_str(), &status) != 0) return std::nullopt;
  return NamespaceId{status.st_dev, status.st_ino};
}

bool shares_network_with(const std::string& process) {
  const auto own = network_of("self");
  const auto theirs = network_of(process);
  return own && theirs && *own == *theirs;
}

// Whether everything that runs in a cgroup is in this program's network namespace.
bool is_in_own_network(const std::string& cgroup) {
  const auto group = os::Cgroup::open(cgroup);
  const auto pids = group ? group->processes() : Result<std::vector<pid_t>>(failure(group.error()));
  return pids &&
         std::all_of(pids->begin(), pids->end(), [](pid_t pid) { return shares_network_with(std::to_string(pid)); });
}

bool is_never_chosen(const ProcessFacts& process) {
  if (process.identity.pid == 1 || process.identity.pid == ::getpid()) return true;
  return std::any_of(kNever.begin(), kNever.end(),
                     [&process](std::string_view name) { return process.program == name || process.name == name; });
}

// An id's beginning may be that of several.
Status check_container(const ProcessSelector& selector, const std::set<std::string>& containers) {
  const auto* by = std::get_if<ByContainer>(&selector.by);
  if (by == nullptr || containers.size() < 2 || containers.contains(by->id)) return {};
  return failure(fmt::format("\"{}\" could be container {} or {}: write more of its id", by->id, *containers.begin(),
                             *containers.rbegin()),
                 EINVAL);
}

}  // namespace

ProcessReach reach_of_agent(bool lab, const std::string& cgroup) {
  if (lab) return {.own_network_only = true, .cgroup = cgroup};
  return {.own_network_only = !shares_network_with("1")};
}

ProcessFinder::ProcessFinder(ProcessFinderOptions options) : options_(std::move(options)) {}

bool ProcessFinder::in_reach(const ProcessFacts& process) const {
  if (is_never_chosen(process)) return false;
  const ProcessReach& reach = options_.reach;
  if (!reach.cgroup.empty() && !lies_in(process.cgroup, reach.cgroup)) return false;
  return !reach.own_network_only || shares_network_with(std::to_string(process.identity.pid));
}

Result<std::vector<ProcessFacts>> ProcessFinder::find(const ProcessSelector& selector) const {
  std::set<std::uint64_t> sockets;
  const auto* listen = std::get_if<ByListen>(&selector.by);
  if (listen != nullptr) {
    auto found = listening_sockets(listen->port);
    if (!found) return failure(std::move(found).error());
    sockets = std::move(*found);
    if (sockets.empty()) return std::vector<ProcessFacts>();
  }
  auto pids = all_pids();
  if (!pids) return failure(std::move(pids).error());
  std::vector<ProcessFacts> found;
  std::set<std::string> containers;
  for (const pid_t pid : *pids) {
    auto process = read_process(pid);
    if (!process) continue;
    if (listen != nullptr ? !has_socket(pid, sockets) : !chooses(selector, *process)) continue;
    if (!in_reach(*process)) continue;
    containers.insert(container_of(process->cgroup));
    found.push_back(std::move(*process));
  }
  if (auto clear = check_container(selector, containers); !clear) return failure(std::move(clear).error());
  std::sort(found.begin(), found.end(),
            [](const ProcessFacts& a, const ProcessFacts& b) { return a.identity.pid < b.identity.pid; });
  return found;
}

Result<std::vector<ProcessFacts>> ProcessFinder::choose(const ProcessSelector& selector) const {
  auto found = find(selector);
  if (!found) return found;
  if (options_.is_protected) std::erase_if(*found, options_.is_protected);
  if (options_.most && found->size() > *options_.most)
    return failure(fmt::format("there are {} {}, and victims_max of this host's policy allows {}", found->size(),
                               selector.words, *options_.most),
                   EPERM);
  return found;
}

Result<std::vector<fs::path>> ProcessFinder::cgroups(const ProcessSelector& selector) const {
  if (!std::holds_alternative<ByCgroup>(selector.by) && !std::holds_alternative<ByContainer>(selector.by))
    return failure("packets are told by their senders' cgroup: choose them by cgroup or container", EINVAL);
  const auto mount = os::Cgroup::mount_point();
  if (!mount) return failure(mount.error().message, ENOENT);
  std::vector<fs::path> found;
  std::set<std::string> containers;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(*mount, failed), end; !failed && entry != end; entry.increment(failed)) {
    std::error_code vanished;
    if (!entry->is_directory(vanished)) continue;
    const std::string cgroup = entry->path().lexically_relative(*mount).string();
    if (!chooses_cgroup(selector, cgroup)) continue;
    entry.disable_recursion_pending();
    const ProcessReach& reach = options_.reach;
    // Of one that holds more than the reach, what is in reach.
    const bool whole = reach.cgroup.empty() || lies_in(cgroup, reach.cgroup);
    if (!whole && !lies_in(reach.cgroup, cgroup)) continue;
    const std::string& reached = whole ? cgroup : reach.cgroup;
    if (reach.own_network_only && !is_in_own_network(reached)) continue;
    containers.insert(container_at(cgroup));
    found.push_back(*mount / reached);
  }
  if (auto clear = check_container(selector, containers); !clear) return failure(std::move(clear).error());
  if (found.empty()) return failure(fmt::format("there is no cgroup with {}", selector.words), ENOENT);
  if (found.size() > kCgroupsMax)
    return failure(fmt::format("{} are in {} cgroups; at most {}", selector.words, found.size(), kCgroupsMax), EINVAL);
  return found;
}

Result<std::vector<os::ProcessIdentity>> ChosenProcesses::look() {
  auto found = finder_->choose(selector_);
  if (!found) return failure(std::move(found).error());
  std::vector<os::ProcessIdentity> identities;
  for (const ProcessFacts& process : *found) {
    identities.push_back(process.identity);
    std::string name = describe(process);
    const bool known = std::find(seen_.begin(), seen_.end(), name) != seen_.end();
    if (!known && seen_.size() < kSeenMax) seen_.push_back(std::move(name));
  }
  return identities;
}

}  // namespace fracas::agent
