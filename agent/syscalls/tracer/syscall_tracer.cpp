#include "agent/syscalls/tracer/syscall_tracer.h"

#include <linux/audit.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>

#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/threads.h"

namespace fracas::agent {
namespace {

constexpr std::int64_t kLookEveryNs = 50'000'000;
constexpr std::int64_t kNapNs = 5'000'000;
constexpr int kPassesMax = 100;
constexpr int kStopsAtOnce = 1000;
constexpr int kSyscallStop = SIGTRAP | 0x80;
// Not in glibc's sys/ptrace.h under this name; include/uapi/linux/ptrace.h.
constexpr int kEventStop = 128;
// Seccomp in /proc/TID/status: a filter, which may end a thread that makes call -1.
constexpr int kSeccompFilter = 2;
// TRACESYSGOOD is more than a convenience: a victim that is let go in a stop for a call would otherwise take SIGTRAP.
// EXITKILL must not be among them.
constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;

void go_on(pid_t tid, int signal = 0) {
  // ESRCH: it was killed in its stop.
  ::ptrace(PTRACE_SYSCALL, tid, nullptr, signal);
}

bool stops_the_process(int signal) {
  return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

void wait_for_stop(std::int64_t patience_ns) {
  if (patience_ns <= 0) return;
  sigset_t children;
  ::sigemptyset(&children);
  ::sigaddset(&children, SIGCHLD);
  const timespec patience{.tv_sec = 0, .tv_nsec = static_cast<long>(patience_ns)};
  ::sigtimedwait(&children, nullptr, &patience);
}

}  // namespace

void SyscallTracer::wait_for_start() const {
  for (std::int64_t now = os::boot_now_ns(); !is_over(control_.fault, now) && !acts(control_.fault, now);
       now = os::boot_now_ns())
    os::sleep_until_boot_ns(now + std::clamp(until_start(control_.fault, now), std::int64_t{1}, kNapNs));
}

Status SyscallTracer::run() {
  sigset_t children;
  ::sigemptyset(&children);
  ::sigaddset(&children, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &children, nullptr);
  wait_for_start();
  std::int64_t now = os::boot_now_ns();
  if (!acts(control_.fault, now)) return {};
  if (auto seized = seize_new(Look::first); !seized) return seized;
  tell(control_.fault, HelperState::ready);
  std::int64_t next_look = now + kLookEveryNs;
  for (now = os::boot_now_ns(); !is_over(control_.fault, now); now = os::boot_now_ns()) {
    if (now >= next_look) {
      static_cast<void>(seize_new(Look::again));
      next_look = now + kLookEveryNs;
    }
    const bool stopped = handle_stops();
    now = os::boot_now_ns();
    const std::int64_t next = release_due(now, now + kNapNs);
    if (!stopped) wait_for_stop(next - now);
  }
  return {};
}

Status SyscallTracer::seize_new(Look look) {
  for (int pass = 0; pass < kPassesMax; ++pass) {
    bool found_new = false;
    auto victims = find_victims();
    if (!victims) return failure(std::move(victims).error());
    for (const pid_t pid : *victims) {
      auto seized = seize(pid, look);
      if (!seized) return failure(std::move(seized).error());
      found_new = found_new || *seized;
    }
    if (!found_new) return {};
  }
  return {};
}

Result<std::vector<pid_t>> SyscallTracer::find_victims() const {
  std::vector<pid_t> found;
  for (const auto& folder : victims_.cgroups) {
    auto mount = os::Cgroup::mount_point();
    if (!mount) return failure(std::move(mount).error());
    const auto cgroup = os::Cgroup::open(folder.lexically_relative(*mount).string());
    if (!cgroup) continue;  // The service has been stopped.
    const auto pids = cgroup->processes().value_or(std::vector<pid_t>{});
    found.insert(found.end(), pids.begin(), pids.end());
  }
  for (const os::ProcessIdentity& process : victims_.processes)
    if (process.alive()) found.push_back(process.pid);
  return found;
}

Result<bool> SyscallTracer::seize(pid_t pid, Look look) {
  bool found_new = false;
  for (const pid_t tid : os::threads_of(pid).value_or(std::vector<pid_t>{})) {
    if (traced_.contains(tid)) continue;
    if (::ptrace(PTRACE_SEIZE, tid, nullptr, kOptions) == 0) {
      traced_.insert(tid);
      found_new = true;
      ::ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr);
      continue;
    }
    const int error = errno;
    const int tracer = os::status_number(tid, "TracerPid");
    // It came along with its parent and has not stopped yet, or is about to end: then the kernel says EPERM.
    if (error == ESRCH || tracer == ::getpid() || look == Look::again || os::has_ended(tid)) continue;
    control_.culprit = tracer;
    return system_failure("trace process " + std::to_string(pid), error);
  }
  return found_new;
}

bool SyscallTracer::handle_stops() {
  for (int handled = 0; handled < kStopsAtOnce; ++handled) {
    int status = 0;
    const pid_t tid = ::waitpid(-1, &status, __WALL | WNOHANG);
    if (tid <= 0) return handled > 0;
    handle(tid, status);
  }
  return true;
}

void SyscallTracer::handle(pid_t tid, int status) {
  if (!WIFSTOPPED(status)) {
    traced_.erase(tid);
    held_.erase(tid);
    return;
  }
  traced_.insert(tid);
  const int signal = WSTOPSIG(status);
  const int event = status >> 16;
  if (signal == kSyscallStop) return handle_call(tid);
  if (event == kEventStop && stops_the_process(signal)) {
    // Stays stopped until SIGCONT, as it would without us.
    ::ptrace(PTRACE_LISTEN, tid, nullptr, nullptr);
    return;
  }
  go_on(tid, event == 0 ? signal : 0);
}

void SyscallTracer::handle_call(pid_t tid) {
  __ptrace_syscall_info info{};
  const auto size = reinterpret_cast<void*>(sizeof info);
  const bool known = ::ptrace(PTRACE_GET_SYSCALL_INFO, tid, size, &info) > 0;
  if (!known || info.op != PTRACE_SYSCALL_INFO_ENTRY || info.arch != AUDIT_ARCH_X86_64) return go_on(tid);
  const std::int64_t now = os::boot_now_ns();
  const SyscallVerdict verdict = judge(control_, info.entry.nr, now);
  const bool hit = verdict.error != 0 ? fail_call(tid, verdict.error) : verdict.delay_ns > 0;
  if (hit) count_affected(control_.fault, now);
  if (hit && verdict.delay_ns > 0) {
    held_[tid] = now + verdict.delay_ns;
    return;
  }
  go_on(tid);
}

// Both in one step: whoever looks at call -1 leaves the result alone. Source: arch/x86/entry, do_syscall_64.
bool SyscallTracer::fail_call(pid_t tid, int error) {
  user_regs_struct registers{};
  if (os::status_number(tid, "Seccomp") == kSeccompFilter) return false;
  if (::ptrace(PTRACE_GETREGS, tid, nullptr, &registers) != 0) return false;
  registers.orig_rax = ~0ULL;
  registers.rax = static_cast<unsigned long long>(-static_cast<long long>(error));
  return ::ptrace(PTRACE_SETREGS, tid, nullptr, &registers) == 0;
}

std::int64_t SyscallTracer::release_due(std::int64_t now_ns, std::int64_t latest_ns) {
  for (auto held = held_.begin(); held != held_.end();) {
    if (held->second > now_ns) {
      latest_ns = std::min(latest_ns, held->second);
      ++held;
      continue;
    }
    go_on(held->first);
    held = held_.erase(held);
  }
  return latest_ns;
}

}  // namespace fracas::agent
