#include "agent/clock/sweep.h"

#include <charconv>
#include <filesystem>
#include <string>

#include "agent/clock/patch.h"

namespace fracas::agent::clock {
namespace {

// A process that forks while it is restored leaves a child for the next pass.
constexpr int kPassesMax = 10;

void end_at_once(pid_t pid, std::uint64_t owner) {
  const auto header = look_into(pid);
  if (!header || !*header) return;
  static_cast<void>(configure(pid, owner, ended(current_config(**header), ClockReadings::now())));
}

}  // namespace

std::vector<pid_t> find_patched(std::uint64_t owner) {
  std::vector<pid_t> found;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
    const auto header = look_into(pid);
    if (header && *header && (*header)->owner == owner) found.push_back(pid);
  }
  return found;
}

Status recover_all(std::uint64_t owner, Duration patience) {
  Status outcome;
  for (int pass = 0; pass < kPassesMax; ++pass) {
    const std::vector<pid_t> patched = find_patched(owner);
    if (patched.empty()) return {};
    for (const pid_t pid : patched) end_at_once(pid, owner);
    outcome = {};
    for (const pid_t pid : patched)
      if (auto recovered = recover(pid, patience); !recovered && outcome) outcome = std::move(recovered);
    if (!outcome) return outcome;
  }
  return failure("processes with a patched clock are born faster than they can be restored");
}

}  // namespace fracas::agent::clock
