#include "agent/leftovers.h"

#include <cerrno>
#include <filesystem>
#include <set>

#include "agent/catalogue.h"
#include "lib/os/cgroup.h"

namespace fracas::agent {

Result<std::vector<std::string>> end_services(const std::string& name) {
  constexpr std::string_view kPrefix = "svc-";
  std::vector<std::string> services;
  auto cgroup = os::Cgroup::open(name);
  if (!cgroup && cgroup.error().code == ENOENT) return services;
  if (!cgroup) return failure(std::move(cgroup).error());
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(cgroup->path(), failed))
    if (const std::string folder = entry.path().filename(); folder.starts_with(kPrefix))
      services.push_back(folder.substr(kPrefix.size()));
  // SIGKILL reaches frozen processes too, so nothing runs on between a thaw and the end.
  if (auto killed = cgroup->kill_all(); !killed) return failure(std::move(killed).error());
  if (auto removed = cgroup->remove(); !removed) return failure(std::move(removed).error());
  return services;
}

std::vector<std::string> sweep_leftovers() {
  std::set<Status (*)()> sweeps;
  for (const FaultKind* kind : catalogue())
    if (kind->sweep != nullptr) sweeps.insert(kind->sweep);
  std::vector<std::string> failed;
  for (const auto& sweep : sweeps)
    if (auto swept = sweep(); !swept) failed.push_back(std::move(swept).error().message);
  return failed;
}

}  // namespace fracas::agent
