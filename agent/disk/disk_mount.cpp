#include "agent/disk/disk_mount.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <sstream>

#include <fmt/format.h>

#include "lib/os/file.h"
#include "lib/os/waiting.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMountWaitNs = 5'000'000'000;
constexpr std::int64_t kEndWaitNs = 5'000'000'000;
constexpr std::string_view kFileSystem = "fuse.fracas-disk";

// Blanks and backslashes are written as \040 and the like. Source: proc(5), mountinfo.
std::string unescape(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 3 >= text.size()) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(std::strtoul(text.substr(i + 1, 3).c_str(), nullptr, 8));
    i += 3;
  }
  return plain;
}

struct Mount {
  std::string point, type, source;
};

// Source: proc(5), mountinfo.
std::vector<Mount> mounts() {
  std::vector<Mount> found;
  std::istringstream lines(os::read_file("/proc/self/mountinfo").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string field;
    Mount mount;
    for (int i = 0; i < 5; ++i) fields >> mount.point;
    while (fields >> field && field != "-") continue;
    fields >> mount.type >> mount.source;
    mount.point = unescape(mount.point);
    found.push_back(std::move(mount));
  }
  return found;
}

// Also of a mount whose server is dead, which stat(2) would fail on.
std::string absolute_path(const fs::path& folder) {
  const fs::path path = fs::absolute(folder).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

void signal_server(const os::ProcessIdentity& server, int signal) {
  const os::UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, server.pid, 0)));
  if (!pidfd || !server.alive()) return;
  ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
}

}  // namespace

bool is_disk_mount(const fs::path& folder) {
  const std::string wanted = absolute_path(folder);
  bool found = false;
  // Later ones lie on top of earlier ones.
  for (const Mount& mount : mounts())
    if (mount.point == wanted) found = mount.type == kFileSystem;
  return found;
}

std::string disk_owner(const fs::path& state) {
  // Source: Fowler, Noll and Vo, FNV-1a.
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : absolute_path(state)) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return fmt::format("fracas-{:016x}", hash);
}

std::vector<std::string> disk_mounts_of(const std::string& owner) {
  std::vector<std::string> folders;
  for (const Mount& mount : mounts())
    if (mount.type == kFileSystem && mount.source == owner) folders.push_back(mount.point);
  return folders;
}

Result<os::Process> mount_disk(const fs::path& folder, const DiskControlMemory& control, const std::string& owner) {
  os::LaunchOptions launch;
  launch.argv = {(os::own_folder() / "fracas-disk").string(), absolute_path(folder), std::to_string(control.fd()),
                 owner};
  launch.working_directory = "/";
  launch.keep_fds = {control.fd()};
  auto process = os::Process::launch(launch);
  if (!process) return failure(std::move(process).error().context("disk server"));
  const auto settled = [&] {
    return state_of(control->fault) != HelperState::starting || process->wait_for(std::chrono::milliseconds(0));
  };
  const bool in_time = os::wait_until(kMountWaitNs, settled);
  if (state_of(control->fault) == HelperState::ready) return process;
  static_cast<void>(process->signal(SIGKILL));
  static_cast<void>(process->wait_for(std::chrono::seconds(1)));
  if (state_of(control->fault) == HelperState::failed)
    return system_failure("mount FUSE over " + folder.string(), control->fault.state_error);
  return failure("the disk server does not start", in_time ? EIO : ETIMEDOUT);
}

Status unmount_disk(const fs::path& folder, const os::ProcessIdentity& server) {
  const auto gone = [&server] { return !server.alive(); };
  signal_server(server, SIGTERM);
  if (!os::wait_until(kEndWaitNs, gone)) {
    signal_server(server, SIGKILL);
    static_cast<void>(os::wait_until(kEndWaitNs, gone));
  }
  while (is_disk_mount(folder))
    if (::umount2(absolute_path(folder).c_str(), MNT_DETACH) != 0) return system_failure("unmount " + folder.string());
  return {};
}

Status probe_disk() {
  std::string folder = (fs::temp_directory_path() / "fracas-probe-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return system_failure("make a folder");
  auto outcome = [&folder]() -> Status {
    auto control = DiskControlMemory::create({.error = EIO});
    if (!control) return failure(std::move(control).error());
    auto server = mount_disk(folder, *control, "fracas-probe");
    if (!server) return failure(std::move(server).error());
    auto identity = os::ProcessIdentity::of(server->pid());
    auto unmounted = unmount_disk(folder, identity.value_or(os::ProcessIdentity{}));
    static_cast<void>(server->wait_for(std::chrono::seconds(1)));
    return unmounted;
  }();
  std::error_code failed;
  fs::remove(folder, failed);
  return outcome;
}

}  // namespace fracas::agent
