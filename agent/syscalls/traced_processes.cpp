#include "agent/syscalls/traced_processes.h"

#include <cerrno>
#include <charconv>
#include <optional>

namespace fracas::agent {
namespace {

std::optional<os::ProcessIdentity> identity_from(const std::string& text) {
  os::ProcessIdentity process;
  const char* end = text.data() + text.size();
  const auto pid = std::from_chars(text.data(), end, process.pid);
  if (pid.ec != std::errc() || pid.ptr == end || *pid.ptr != ':' || process.pid < 1) return std::nullopt;
  const auto ticks = std::from_chars(pid.ptr + 1, end, process.start_ticks);
  if (ticks.ec != std::errc() || ticks.ptr != end) return std::nullopt;
  return process;
}

}  // namespace

std::vector<std::string> to_arguments(const TracedProcesses& traced) {
  std::vector<std::string> arguments;
  for (const auto& cgroup : traced.cgroups) arguments.push_back(cgroup.string());
  for (const os::ProcessIdentity& process : traced.processes)
    arguments.push_back(std::to_string(process.pid) + ":" + std::to_string(process.start_ticks));
  return arguments;
}

Result<TracedProcesses> traced_from(const std::vector<std::string>& arguments) {
  TracedProcesses traced;
  for (const std::string& argument : arguments) {
    if (argument.starts_with('/')) {
      traced.cgroups.emplace_back(argument);
      continue;
    }
    const auto process = identity_from(argument);
    if (!process) return failure("'" + argument + "' is neither a cgroup nor a process", EINVAL);
    traced.processes.push_back(*process);
  }
  return traced;
}

}  // namespace fracas::agent
