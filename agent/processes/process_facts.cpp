#include "agent/processes/process_facts.h"

#include <charconv>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>

#include "lib/os/file.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// The line "0::/path" is that of the unified hierarchy.
std::string cgroup_of(const std::string& folder) {
  std::istringstream lines(os::read_file(folder + "/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("0::/")) continue;
    const std::size_t last = line.find_last_not_of('/');
    return last < 4 ? "" : line.substr(4, last - 3);
  }
  return "";
}

// Absent: it has none, as kernel threads and what has ended.
std::optional<std::string> program_of(const std::string& folder) {
  constexpr std::string_view kDeleted = " (deleted)";
  std::error_code failed;
  const fs::path link = fs::read_symlink(folder + "/exe", failed);
  if (failed == std::errc::no_such_file_or_directory) return std::nullopt;
  std::string program = link.filename();
  if (program.ends_with(kDeleted)) program.resize(program.size() - kDeleted.size());
  return program;
}

}  // namespace

std::optional<ProcessFacts> read_process(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const auto identity = os::ProcessIdentity::of(pid);
  if (!identity || !identity->alive()) return std::nullopt;
  auto program = program_of(folder);
  if (!program) return std::nullopt;
  return ProcessFacts{.identity = *identity,
                      .name = trimmed(os::read_file(folder + "/comm").value_or("")),
                      .program = std::move(*program),
                      .cgroup = cgroup_of(folder)};
}

Result<std::vector<pid_t>> all_pids() {
  std::vector<pid_t> pids;
  std::error_code failed;
  for (fs::directory_iterator entry("/proc", failed), end; !failed && entry != end; entry.increment(failed)) {
    const std::string name = entry->path().filename();
    pid_t pid = 0;
    const auto [rest, wrong] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (wrong == std::errc() && rest == name.data() + name.size()) pids.push_back(pid);
  }
  if (failed) return failure("read /proc: " + failed.message(), failed.value());
  return pids;
}

std::string describe(const ProcessFacts& process) {
  return (process.name.empty() ? process.program : process.name) + " " + std::to_string(process.identity.pid);
}

bool lies_in(const std::string& cgroup, const std::string& folder) {
  return cgroup == folder ||
         (cgroup.size() > folder.size() && cgroup.starts_with(folder) && cgroup[folder.size()] == '/');
}

}  // namespace fracas::agent
