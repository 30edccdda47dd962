#include "agent/site.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <sstream>

#include <fmt/format.h>

#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/fd.h"
#include "lib/os/file.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEndWaitNs = 5'000'000'000;

Result<os::Cgroup> cgroup_of(const ServiceSite& site) {
  auto mount = os::Cgroup::mount_point();
  if (!mount) return failure(std::move(mount).error());
  return os::Cgroup::open(site.cgroup.lexically_relative(*mount).string());
}

// State letter and session of a process, fields 3 and 6 of /proc/PID/stat.
struct SessionEntry {
  char state = 0;
  pid_t session = 0;
};

Result<SessionEntry> read_session(pid_t pid) {
  auto text = os::read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return failure(std::move(text).error());
  std::istringstream fields(text->substr(text->rfind(')') + 1));
  SessionEntry entry;
  pid_t parent = 0, group = 0;
  if (!(fields >> entry.state >> parent >> group >> entry.session))
    return failure("unexpected format of /proc/PID/stat");
  return entry;
}

std::vector<pid_t> pids_of_session(pid_t session) {
  std::vector<pid_t> pids;
  std::error_code failed;
  for (const auto& folder : fs::directory_iterator("/proc", failed)) {
    const std::string name = folder.path().filename();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
    const auto entry = read_session(pid);
    if (entry && entry->session == session) pids.push_back(pid);
  }
  return pids;
}

Result<std::vector<pid_t>> pids_of(const ServiceSite& site) {
  if (site.cgroup.empty()) return pids_of_session(site.main.pid);
  auto cgroup = cgroup_of(site);
  if (!cgroup && cgroup.error().code == ENOENT) return std::vector<pid_t>{};
  if (!cgroup) return failure(std::move(cgroup).error());
  return cgroup->processes();
}

}  // namespace

Result<std::vector<os::ProcessIdentity>> processes_of(const ServiceSite& site) {
  auto pids = pids_of(site);
  if (!pids) return failure(std::move(pids).error());
  std::vector<os::ProcessIdentity> found;
  for (const pid_t pid : *pids) {
    const auto identity = os::ProcessIdentity::of(pid);
    if (identity && identity->alive()) found.push_back(*identity);
  }
  return found;
}

Result<bool> signal_process(const os::ProcessIdentity& process, int signal) {
  const os::UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!pidfd && errno == ESRCH) return false;
  if (!pidfd) return system_failure("pidfd of process " + std::to_string(process.pid));
  // The descriptor is open, so the pid cannot be given away any more: what has this start time now is what we signal.
  if (!process.alive()) return false;
  if (::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0) == 0) return true;
  if (errno == ESRCH) return false;
  return system_failure("signal process " + std::to_string(process.pid));
}

char state_of(const os::ProcessIdentity& process) {
  const auto entry = read_session(process.pid);
  return entry && process.alive() ? entry->state : 'X';
}

namespace {

// One that has not stopped yet may start another, which a look that has begun may miss: they are gone over until two
// looks in a row find nobody who runs.
Status stop_all(const ServiceSite& site) {
  const std::int64_t deadline = os::boot_now_ns() + kEndWaitNs;
  for (int looks = 0; looks < 2;) {
    auto processes = processes_of(site);
    if (!processes) return failure(std::move(processes).error());
    std::erase_if(*processes, [](const os::ProcessIdentity& process) {
      const char state = state_of(process);
      return state == 'T' || state == 't' || state == 'X';
    });
    looks = processes->empty() ? looks + 1 : 0;
    if (processes->empty()) continue;
    if (os::boot_now_ns() >= deadline)
      return failure(fmt::format("process {} of service {} does not stop", processes->front().pid, site.spec.name),
                     ETIMEDOUT);
    for (const os::ProcessIdentity& process : *processes)
      if (auto sent = signal_process(process, SIGSTOP); !sent) return failure(std::move(sent).error());
    os::sleep_until_boot_ns(os::boot_now_ns() + 1'000'000);
  }
  return {};
}

}  // namespace

Status continue_all(const ServiceSite& site) {
  auto processes = processes_of(site);
  if (!processes) return failure(std::move(processes).error());
  for (const os::ProcessIdentity& process : *processes)
    if (auto sent = signal_process(process, SIGCONT); !sent) return failure(std::move(sent).error());
  return {};
}

Status set_frozen(const ServiceSite& site, bool frozen) {
  if (!site.cgroup.empty()) {
    auto cgroup = cgroup_of(site);
    if (!cgroup && cgroup.error().code == ENOENT && !frozen) return {};
    if (!cgroup) return failure(std::move(cgroup).error());
    return cgroup->freeze(frozen);
  }
  if (!frozen) return continue_all(site);
  auto stopped = stop_all(site);
  if (!stopped) static_cast<void>(continue_all(site));
  return stopped;
}

bool is_frozen(const ServiceSite& site) {
  if (!site.cgroup.empty()) {
    const auto cgroup = cgroup_of(site);
    return cgroup && cgroup->frozen();
  }
  const auto entry = read_session(site.main.pid);
  return entry && entry->state == 'T';
}

Status end_all(const ServiceSite& site) {
  if (!site.cgroup.empty()) {
    auto cgroup = cgroup_of(site);
    if (!cgroup && cgroup.error().code == ENOENT) return {};
    if (!cgroup) return failure(std::move(cgroup).error());
    return cgroup->kill_all();
  }
  const std::int64_t deadline = os::boot_now_ns() + kEndWaitNs;
  while (os::boot_now_ns() < deadline) {
    auto left = processes_of(site);
    if (!left) return failure(std::move(left).error());
    if (left->empty()) return {};
    for (const os::ProcessIdentity& process : *left) {
      auto sent = signal_process(process, SIGKILL);
      if (!sent) return failure(std::move(sent).error());
    }
    os::sleep_until_boot_ns(os::boot_now_ns() + 5'000'000);
  }
  return failure("processes of service '" + site.spec.name + "' survive SIGKILL", ETIMEDOUT);
}

Result<os::Process> launch(const ServiceSite& site) {
  os::LaunchOptions options;
  options.argv = site.spec.argv;
  options.working_directory = site.spec.working_directory;
  options.output = site.spec.output;
  options.cgroup = site.cgroup;
  return os::Process::launch(options);
}

}  // namespace fracas::agent
