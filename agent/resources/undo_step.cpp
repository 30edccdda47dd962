#include "agent/resources/undo_step.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <utility>

#include "agent/resources/controller_group.h"
#include "agent/resources/soft_limit.h"
#include "agent/resources/stress_control.h"
#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEmptyWaitNs = 2'000'000'000;
constexpr std::int64_t kLookAgainNs = 2'000'000;

Status undo(const WriteBack& step) {
  std::error_code failed;
  if (!fs::exists(step.file, failed)) return {};
  return os::write_kernel_file(step.file, step.content);
}

Status move_all(const fs::path& group, const fs::path& home) {
  auto text = os::read_file(group / "cgroup.procs");
  if (!text) return failure(std::move(text).error());
  std::istringstream pids(*text);
  for (std::string pid; pids >> pid;) {
    auto moved = os::write_kernel_file(home / "cgroup.procs", pid);
    if (!moved && moved.error().code != ESRCH) return moved;  // ESRCH: it has ended.
  }
  return {};
}

bool has_cgroup_inside(const fs::path& group) {
  std::error_code failed;
  for (fs::directory_iterator entry(group, failed), end; !failed && entry != end; entry.increment(failed))
    if (entry->is_directory(failed)) return true;
  return false;
}

// A cgroup of ours whose fault is over: its limit has been lifted.
bool is_shell(const fs::path& group) {
  if (!group.filename().string().starts_with("fracas-")) return false;
  // The memory controller says its lack of a limit in pages that fit into 63 bits.
  static const std::string kAllMemory = std::to_string(INT64_MAX / ::sysconf(_SC_PAGESIZE) * ::sysconf(_SC_PAGESIZE));
  for (const auto& [file, none] : {std::pair<const char*, std::string>{"cpu.cfs_quota_us", "-1"},
                                   {"pids.max", "max"},
                                   {"memory.limit_in_bytes", kAllMemory}})
    if (const auto limit = os::read_file(group / file); limit && *limit == none + "\n") return true;
  return false;
}

fs::path outside_of_shells(fs::path group) {
  while (is_shell(group)) group = group.parent_path();
  return group;
}

// Whether it is gone; a shell with another fault's cgroup inside may stay. The processes may fork while they are moved,
// and those that end stay in the cgroup for a moment.
Result<bool> empty_and_remove(const fs::path& group, const fs::path& home) {
  const std::int64_t deadline = os::boot_now_ns() + kEmptyWaitNs;
  std::error_code failed;
  while (fs::exists(group, failed)) {
    if (auto moved = move_all(group, home); !moved && moved.error().code != ENOENT)
      return failure(std::move(moved).error());
    if (::rmdir(group.c_str()) == 0 || errno == ENOENT) return true;
    const int code = errno;
    if (has_cgroup_inside(group) && is_shell(group)) return false;
    if (code != EBUSY || os::boot_now_ns() > deadline) return system_failure("remove cgroup " + group.string(), code);
    os::sleep_until_boot_ns(os::boot_now_ns() + kLookAgainNs);
  }
  return true;
}

// Faults that overlap have their cgroups inside each other. The outer one, over first, leaves a shell without a limit,
// and the inner one takes it along, with whom it has put there meanwhile.
Status undo(const MoveBack& step) {
  fs::path group = step.group;
  do {
    auto removed = empty_and_remove(group, outside_of_shells(group.parent_path()));
    if (!removed) return failure(std::move(removed).error());
    if (!*removed) return {};
    group = group.parent_path();
  } while (is_shell(group));
  return {};
}

Status raise_again(const LimitBack& step, pid_t pid) {
  auto current = soft_limit(pid, step.resource);
  if (!current && current.error().code == ESRCH) return {};
  if (!current) return failure(std::move(current).error());
  if (*current != step.lowered) return {};
  auto set = set_soft_limit(pid, step.resource, step.former);
  if (!set && set.error().code == ESRCH) return {};
  return set;
}

Status undo(const LimitBack& step) {
  if (step.process.alive())
    if (auto raised = raise_again(step, step.process.pid); !raised) return raised;
  if (step.group.empty()) return {};
  auto group = cgroup_at(step.group);
  if (!group && group.error().code == ENOENT) return {};
  if (!group) return failure(std::move(group).error());
  auto pids = group->processes();
  if (!pids && pids.error().code == ENOENT) return {};
  if (!pids) return failure(std::move(pids).error());
  for (const pid_t pid : *pids)
    if (auto raised = raise_again(step, pid); !raised) return raised;
  return {};
}

Status undo(const EndWorkers& step) {
  if (auto ended = end_stress_workers(step.control); !ended) return ended;
  if (step.group.empty()) return {};
  auto group = cgroup_at(step.group);
  if (!group && group.error().code == ENOENT) return {};
  if (!group) return failure(std::move(group).error());
  if (auto killed = group->kill_all(); !killed) return killed;
  return group->remove();
}

}  // namespace

Status undo_steps(const std::vector<UndoStep>& steps) {
  Status outcome;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    auto undone = std::visit([](const auto& one) { return undo(one); }, *step);
    if (!undone && outcome) outcome = std::move(undone);
  }
  return outcome;
}

}  // namespace fracas::agent
