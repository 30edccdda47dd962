#include "agent/services.h"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <fmt/format.h>

#include "lib/base/ensure.h"
#include "lib/base/log.h"
#include "lib/os/cgroup.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kServicesMax = 100;
constexpr std::int64_t kTermWaitNs = 2'000'000'000;
constexpr std::int64_t kLookAgainNs = 5'000'000;

bool runs(const ServiceSite& site) {
  const auto processes = processes_of(site);
  return processes && !processes->empty();
}

std::string describe(const os::ExitStatus& ended) {
  return ended.signal != 0 ? fmt::format("by signal {}", ended.signal) : fmt::format("with exit code {}", ended.code);
}

Status remove_cgroup(const ServiceSite& site) {
  if (site.cgroup.empty()) return {};
  auto mount = os::Cgroup::mount_point();
  if (!mount) return failure(std::move(mount).error());
  auto cgroup = os::Cgroup::open(site.cgroup.lexically_relative(*mount).string());
  if (!cgroup) return {};
  return cgroup->remove();
}

bool same_process(const os::ProcessIdentity& a, const os::ProcessIdentity& b) {
  return a.pid == b.pid && a.start_ticks == b.start_ticks;
}

}  // namespace

Services::Services(std::string parent) : parent_(std::move(parent)) {}

void Services::set_parent(std::string parent) {
  const std::lock_guard lock(mutex_);
  ensure(services_.empty(), "the parent cgroup is chosen before the first service");
  parent_ = std::move(parent);
}

Status Services::make_site(ServiceSite& site) const {
  if (parent_.empty()) return {};
  auto cgroup = os::Cgroup::create(parent_ + "/svc-" + site.spec.name);
  if (!cgroup) return failure(std::move(cgroup).error());
  site.cgroup = cgroup->path();
  return {};
}

Status Services::start_in_place(Service& service) {
  auto process = launch(service.site);
  if (!process) return failure(std::move(process).error());
  auto identity = os::ProcessIdentity::of(process->pid());
  if (!identity) return failure(std::move(identity).error());
  service.site.main = *identity;
  service.process.emplace(std::move(*process));
  log::info("service {} runs as process {}", service.site.spec.name, identity->pid);
  return {};
}

Result<pid_t> Services::start(const ServiceSpec& spec) {
  const std::lock_guard lock(mutex_);
  const auto found = services_.find(spec.name);
  if (found != services_.end() && runs(found->second.site))
    return failure("service '" + spec.name + "' runs already", EEXIST);
  if (found == services_.end() && services_.size() >= kServicesMax)
    return failure(fmt::format("more than {} services", kServicesMax), EINVAL);
  Service service;
  service.site.spec = spec;
  if (auto made = make_site(service.site); !made) return failure(std::move(made).error());
  if (auto started = start_in_place(service); !started) {
    static_cast<void>(remove_cgroup(service.site));
    return failure(std::move(started).error());
  }
  const pid_t pid = service.site.main.pid;
  services_.insert_or_assign(spec.name, std::move(service));
  return pid;
}

void Services::ask_to_end(Service& service) {
  // A frozen process could not follow SIGTERM.
  if (service.frozen > 0) static_cast<void>(set_frozen(service.site, false));
  service.frozen = 0;
  if (const auto processes = processes_of(service.site))
    for (const os::ProcessIdentity& process : *processes) static_cast<void>(signal_process(process, SIGTERM));
}

Status Services::end(Service& service, std::int64_t term_until_ns) {
  while (runs(service.site) && os::boot_now_ns() < term_until_ns) {
    if (service.process) static_cast<void>(service.process->wait_for(5ms));
    os::sleep_until_boot_ns(os::boot_now_ns() + kLookAgainNs);
  }
  if (auto ended = end_all(service.site); !ended) return ended;
  if (service.process) static_cast<void>(service.process->wait_for(1s));
  return remove_cgroup(service.site);
}

Status Services::stop(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = services_.find(name);
  if (found == services_.end()) return {};
  ask_to_end(found->second);
  if (auto ended = end(found->second, os::boot_now_ns() + kTermWaitNs); !ended) return ended;
  services_.erase(found);
  log::info("service {} stopped", name);
  return {};
}

Status Services::stop_all() {
  const std::lock_guard lock(mutex_);
  const std::int64_t term_until_ns = os::boot_now_ns() + kTermWaitNs;
  for (auto& [name, service] : services_) ask_to_end(service);
  Status outcome;
  for (auto& [name, service] : services_)
    if (auto ended = end(service, term_until_ns); !ended && outcome) outcome = std::move(ended);
  if (!outcome) return outcome;
  services_.clear();
  if (parent_.empty()) return {};
  auto own = os::Cgroup::open(parent_);
  return own ? own->remove() : Status();
}

Result<std::vector<ServiceSite>> Services::sites(const std::vector<std::string>& names) const {
  const std::lock_guard lock(mutex_);
  std::vector<ServiceSite> found;
  for (const std::string& name : names) {
    const auto service = services_.find(name);
    if (service == services_.end()) return failure("no service '" + name + "' runs here", ENOENT);
    found.push_back(service->second.site);
  }
  return found;
}

Status Services::freeze(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = services_.find(name);
  if (found == services_.end()) return failure("no service '" + name + "' runs here", ENOENT);
  if (auto frozen = set_frozen(found->second.site, true); !frozen) {
    if (found->second.frozen == 0) static_cast<void>(set_frozen(found->second.site, false));
    return frozen;
  }
  ++found->second.frozen;
  return {};
}

Status Services::thaw(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = services_.find(name);
  if (found == services_.end()) return {};
  Service& service = found->second;
  if (service.frozen > 1) {
    --service.frozen;
    return {};
  }
  if (auto thawed = set_frozen(service.site, false); !thawed) return thawed;
  service.frozen = 0;
  return {};
}

Status Services::restart_now(Service& service, const std::vector<os::ProcessIdentity>& killed) {
  auto processes = processes_of(service.site);
  if (!processes) return failure(std::move(processes).error());
  for (const os::ProcessIdentity& process : *processes) {
    const auto is_this = [&process](const os::ProcessIdentity& other) { return same_process(process, other); };
    if (std::any_of(killed.begin(), killed.end(), is_this)) continue;
    service.site.main = process;
    service.process.reset();
    return {};
  }
  if (auto ended = end_all(service.site); !ended) return ended;
  if (service.process) static_cast<void>(service.process->wait_for(1s));
  return start_in_place(service);
}

Status Services::restart(const std::string& name, const std::vector<os::ProcessIdentity>& killed) {
  const std::lock_guard lock(mutex_);
  const auto found = services_.find(name);
  if (found == services_.end()) return {};
  if (found->second.frozen == 0) return restart_now(found->second, killed);
  // Put off until the thaw it would be forgotten if this agent died before: nobody but the caller's record knows of it.
  if (auto thawed = set_frozen(found->second.site, false); !thawed) return thawed;
  auto restarted = restart_now(found->second, killed);
  auto frozen = set_frozen(found->second.site, true);
  return restarted ? frozen : restarted;
}

Result<std::vector<os::ProcessIdentity>> Services::end_processes(const std::string& name, const NoteProcesses& note) {
  const std::lock_guard lock(mutex_);
  const auto found = services_.find(name);
  if (found == services_.end()) return failure("no service '" + name + "' runs here", ENOENT);
  auto running = processes_of(found->second.site);
  if (!running) return failure(std::move(running).error());
  if (auto noted = note(*running); !noted) return failure(std::move(noted).error());
  if (auto ended = end_all(found->second.site); !ended) return failure(std::move(ended).error());
  return std::move(*running);
}

void Services::reap() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, service] : services_) {
    if (!service.process) continue;
    const auto ended = service.process->wait_for(0ms);
    if (!ended) continue;
    log::info("service {}: process {} ended {}", name, service.process->pid(), describe(*ended));
    service.process.reset();
  }
}

}  // namespace fracas::agent
