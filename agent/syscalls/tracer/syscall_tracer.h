#pragma once
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <unordered_set>
#include <vector>

#include "agent/syscalls/syscall_rule.h"
#include "agent/syscalls/traced_processes.h"
#include "lib/base/result.h"

namespace fracas::agent {

// Traces every thread of some processes by ptrace and applies a rule to their system calls. A call that is to fail is
// taken away as it is entered, its result already in place; one that is to wait waits before it is made, its thread
// stopped. There is never more than one step in which a victim differs from one that is not traced, so it may be let go
// at any moment: when this process ends, however it ends, the kernel does that. REQUIRES: the process does nothing
// else. x86-64; 32-bit calls and io_uring pass. Source: ptrace(2), "PTRACE_SEIZE", "Syscall-stops".
class SyscallTracer {
 public:
  SyscallTracer(SyscallControl& control, TracedProcesses victims) : control_(control), victims_(std::move(victims)) {}

  // Waits for the window, then traces until it is over. What keeps it from tracing is told in the control.
  // ERRORS: EPERM, and the culprit in the control: a victim is traced already.
  Status run();

 private:
  enum class Look { first, again };

  void wait_for_start() const;
  // Attaches to threads that are not traced yet. New ones of traced processes come by themselves.
  Status seize_new(Look look);
  // The processes of the cgroups and those named that live, as they are now.
  Result<std::vector<pid_t>> find_victims() const;
  Result<bool> seize(pid_t pid, Look look);
  // Handles every stop there is; returns whether there was one.
  bool handle_stops();
  void handle(pid_t tid, int status);
  void handle_call(pid_t tid);
  bool fail_call(pid_t tid, int error);
  // Lets those go on whose time has come; returns the next moment one of them is due, or `latest_ns`.
  std::int64_t release_due(std::int64_t now_ns, std::int64_t latest_ns);

  SyscallControl& control_;
  const TracedProcesses victims_;
  std::unordered_set<pid_t> traced_;
  std::map<pid_t, std::int64_t> held_;  // until when
};

}  // namespace fracas::agent
