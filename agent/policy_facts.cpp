#include "agent/policy_facts.h"

#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "lib/os/cgroup.h"
#include "lib/os/netlink.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

std::string without_slashes(const std::string& path) {
  const std::size_t first = path.find_first_not_of('/');
  return first == std::string::npos ? "" : path.substr(first, path.find_last_not_of('/') - first + 1);
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
      if (const auto facts = read_process(process.pid)) victims.push_back(policy_victim(*facts, site.spec.name));
    }
  }
  return victims;
}

PolicyVictim policy_victim(const ProcessFacts& process, const std::string& service) {
  return {.pid = process.identity.pid,
          .service = service,
          .name = process.name,
          .program = process.program,
          .cgroup = process.cgroup};
}

Result<std::set<pid_t>> pids_of(const std::vector<ServiceSite>& sites) {
  std::set<pid_t> pids;
  for (const ServiceSite& site : sites) {
    auto processes = processes_of(site);
    if (!processes) return failure(std::move(processes).error());
    for (const os::ProcessIdentity& process : *processes) pids.insert(process.pid);
  }
  return pids;
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
