#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/control/fault_control.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::agent {

inline constexpr std::size_t kSyscallNumbers = 512;  // numbers of x86-64 are below

// What happens to the system calls that are chosen.
struct SyscallRule {
  std::vector<int> calls{};  // their numbers
  double share = 1;          // of them, in (0, 1]
  std::uint64_t seed = 0;
  int error = 0;     // errno they fail with, without having been made; 0: none
  Duration delay{};  // they are made this much later; at most 60 s
};

// The number of a call as syscalls(2) names it. ERRORS: EINVAL no such call; or one that must not be taken away from a
// process, as exit or rt_sigreturn.
Result<int> syscall_number(const std::string& name);
// "EIO" to 5. ERRORS: EINVAL no such error.
Result<int> error_number(const std::string& name);
// ERRORS: EINVAL and one sentence.
Status check_syscall_rule(const SyscallRule& rule);

// What the agent and the tracer share. `calls`, `error` and `delay_ns` are written before the tracer starts.
struct SyscallControl {
  FaultControl fault;
  std::uint64_t calls[kSyscallNumbers / 64];  // bit n: call n is chosen
  std::int64_t delay_ns;
  std::int32_t error;
  std::int32_t culprit;  // the process it failed on, or 0
};

// Fills a control that is all zeros. REQUIRES: check_syscall_rule.
void write_rule(SyscallControl& control, const SyscallRule& rule);

// What is to happen to one call.
struct SyscallVerdict {
  int error = 0;              // errno it fails with; 0: it is made
  std::int64_t delay_ns = 0;  // first it waits so long
};
// Decides and counts.
SyscallVerdict judge(SyscallControl& control, std::uint64_t number, std::int64_t now_ns);

}  // namespace fracas::agent
