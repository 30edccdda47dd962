#pragma once
#include <sys/types.h>

#include "agent/syscalls/syscall_rule.h"
#include "agent/syscalls/traced_processes.h"
#include "lib/base/result.h"
#include "lib/os/process.h"
#include "lib/os/shared_memory.h"

namespace fracas::agent {

// The agent's end of a tracer: a process of its own, "fracas-trace" (agent/syscalls/tracer), that outlives the agent
// and ends itself when window or lease are over. Until it has ended, every system call of its victims, disturbed or
// not, takes 14 to 125 microseconds; when it attaches, calls that signal(7) lists under "interruption by stop
// signals" fail once with EINTR. A process can have one tracer only: no debugger, and no clock fault that begins
// meanwhile. Thread: any.

// A control with the rule, unarmed, and a lease of five seconds. REQUIRES: check_syscall_rule.
Result<os::SharedMemory> make_syscall_control(const SyscallRule& rule);
inline SyscallControl& control_in(const os::SharedMemory& memory) {
  return *static_cast<SyscallControl*>(memory.data());
}

// Starts one. It touches nothing before the window. Owner: the caller
// collects the process when it has ended. ERRORS: the program is missing.
Result<os::Process> start_syscall_tracer(const os::SharedMemory& control, const TracedProcesses& traced);

// What keeps a rule from being applied to a process. ERRORS: EBUSY it is traced already, and by whom; EOPNOTSUPP it has
// a seccomp filter, which may end it when a call is taken away from it.
Status check_traceable(pid_t pid, const SyscallRule& rule);

// Ends it, stopped or not, and waits, at most two seconds, until it is gone: then its victims are free. One that is
// gone is no error. ERRORS: ETIMEDOUT.
Status end_syscall_tracer(const os::ProcessIdentity& tracer);

// Lets a call of a process made for the purpose fail. ERRORS: the missing capability, kernel option or program.
Status probe_syscall_tracer();

}  // namespace fracas::agent
