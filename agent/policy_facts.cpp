#include "agent/policy_facts.h"

#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "lib/os/cgroup.h"
#include "lib/os/file.h"
#include "lib/os/netlink.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string without_slashes(const std::string& path) {
  const std::size_t first = path.find_first_not_of('/');
  return first == std::string::npos ? "" : path.substr(first, path.find_last_not_of('/') - first + 1);
}

// The line "0::/path" is that of the unified hierarchy. Source: cgroups(7).
std::string cgroup_of(const std::string& folder) {
  std::istringstream lines(os::read_file(folder + "/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("0::")) return without_slashes(line.substr(3));
  return "";
}

std::string program_of(const std::string& folder) {
  constexpr std::string_view kDeleted = " (deleted)";
  std::error_code failed;
  std::string program = fs::read_symlink(folder + "/exe", failed).filename();
  if (program.ends_with(kDeleted)) program.resize(program.size() - kDeleted.size());
  return program;
}

PolicyVictim program_victim(const ServiceSite& site) {
  PolicyVictim victim{.service = site.spec.name, .program = fs::path(site.spec.argv.front()).filename()};
  if (const auto mount = os::Cgroup::mount_point(); mount && !site.cgroup.empty())
    victim.cgroup = without_slashes(site.cgroup.lexically_relative(*mount).string());
  return victim;
}

}  // namespace

Result<std::vector<PolicyVictim>> find_policy_victims(const std::vector<ServiceSite>& sites) {
  std::vector<PolicyVictim> victims;
  for (const ServiceSite& site : sites) {
    auto processes = processes_of(site);
    if (!processes) return failure(std::move(processes).error());
    // A fault may start it.
    victims.push_back(program_victim(site));
    for (const os::ProcessIdentity& process : *processes) {
      const std::string folder = "/proc/" + std::to_string(process.pid);
      victims.push_back({.pid = process.pid,
                         .service = site.spec.name,
                         .name = trimmed(os::read_file(folder + "/comm").value_or("")),
                         .program = program_of(folder),
                         .cgroup = cgroup_of(folder)});
    }
  }
  return victims;
}

Result<std::size_t> count_processes(const std::vector<ServiceSite>& sites) {
  std::set<pid_t> pids;
  for (const ServiceSite& site : sites) {
    auto processes = processes_of(site);
    if (!processes) return failure(std::move(processes).error());
    for (const os::ProcessIdentity& process : *processes) pids.insert(process.pid);
  }
  return pids.size();
}

bool shares_network_of_host() {
  struct stat host {};
  struct stat here {};
  if (::stat("/proc/1/ns/net", &host) != 0 || ::stat("/proc/thread-self/ns/net", &here) != 0) return true;
  return host.st_dev == here.st_dev && host.st_ino == here.st_ino;
}

Result<std::vector<std::string>> find_interfaces() {
  auto socket = os::RouteSocket::open();
  if (!socket) return failure(std::move(socket).error());
  auto links = socket->links();
  if (!links) return failure(std::move(links).error());
  std::vector<std::string> names;
  for (const os::LinkInfo& link : *links)
    if (!link.loopback) names.push_back(link.name);
  return names;
}

}  // namespace fracas::agent
