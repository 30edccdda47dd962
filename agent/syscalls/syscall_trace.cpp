#include "agent/syscalls/syscall_trace.h"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/threads.h"
#include "lib/os/waiting.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kFirstLeaseNs = 5'000'000'000;
constexpr std::int64_t kEndWaitNs = 2'000'000'000;
constexpr std::int64_t kProbeNs = 3'000'000'000;
constexpr int kSeccompFilter = 2;

// Runs a shell, whose writes fail, in a cgroup of its own.
Status probe_in(const os::Cgroup& cgroup) {
  auto number = syscall_number("write");
  if (!number) return failure(std::move(number).error());
  auto memory = make_syscall_control({.calls = {*number}, .error = EIO});
  if (!memory) return failure(std::move(memory).error());
  os::LaunchOptions options;
  options.argv = {"/bin/sh", "-c", "while :; do echo; done"};
  options.output = "/dev/null";
  options.cgroup = cgroup.path();
  auto victim = os::Process::launch(options);
  if (!victim) return failure(std::move(victim).error());
  auto tracer = start_syscall_tracer(*memory, {.cgroups = {cgroup.path()}});
  if (!tracer) return failure(std::move(tracer).error());
  SyscallControl& control = control_in(*memory);
  const std::int64_t now = os::boot_now_ns();
  set_window(control.fault, {.start_ns = now, .end_ns = now + kProbeNs});
  const auto settled = [&control] {
    return state_of(control.fault) == HelperState::failed || counters_of(control.fault).affected > 0;
  };
  const bool in_time = os::wait_until(kProbeNs, settled);
  stop(control.fault);
  static_cast<void>(tracer->signal(SIGKILL));
  static_cast<void>(tracer->wait_for(2s));
  if (state_of(control.fault) == HelperState::failed)
    return system_failure("ptrace (CAP_SYS_PTRACE, kernel.yama.ptrace_scope below 3)", control.fault.state_error);
  return in_time ? Status() : failure("ptrace stopped no system call within 3s (Linux 5.13)", EOPNOTSUPP);
}

}  // namespace

Result<os::SharedMemory> make_syscall_control(const SyscallRule& rule) {
  auto memory = os::SharedMemory::create("fracas-trace", sizeof(SyscallControl));
  if (!memory) return memory;
  write_rule(control_in(*memory), rule);
  set_lease_end(control_in(*memory).fault, os::boot_now_ns() + kFirstLeaseNs);
  return memory;
}

Result<os::Process> start_syscall_tracer(const os::SharedMemory& control, const TracedProcesses& traced) {
  os::LaunchOptions options;
  options.argv = {(os::own_folder() / "fracas-trace").string(), std::to_string(control.fd())};
  for (std::string& argument : to_arguments(traced)) options.argv.push_back(std::move(argument));
  options.working_directory = "/";
  options.keep_fds = {control.fd()};
  return os::Process::launch(options);
}

Status check_traceable(pid_t pid, const SyscallRule& rule) {
  if (const int tracer = os::status_number(pid, "TracerPid"); tracer != 0)
    return failure("process " + std::to_string(pid) + " is traced already, by process " + std::to_string(tracer),
                   EBUSY);
  if (rule.error != 0 && os::status_number(pid, "Seccomp") == kSeccompFilter)
    return failure("process " + std::to_string(pid) +
                       " has a seccomp filter, which may end it when a system call is taken away from it",
                   EOPNOTSUPP);
  return {};
}

Status end_syscall_tracer(const os::ProcessIdentity& tracer) {
  const os::UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, tracer.pid, 0)));
  if (!pidfd || !tracer.alive()) return {};
  ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
  if (os::wait_until(kEndWaitNs, [&tracer] { return !tracer.alive(); })) return {};
  return failure("the tracer, process " + std::to_string(tracer.pid) + ", survives SIGKILL", ETIMEDOUT);
}

Status probe_syscall_tracer() {
  auto cgroup = os::Cgroup::create("fracas-probe-trace-" + std::to_string(::getpid()));
  if (!cgroup) return failure(std::move(cgroup).error());
  auto outcome = probe_in(*cgroup);
  static_cast<void>(cgroup->kill_all());
  static_cast<void>(cgroup->remove());
  return outcome;
}

}  // namespace fracas::agent
