#include "agent/syscalls/syscall_rule.h"

#include <seccomp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr int kErrnoMax = 4095;
constexpr int kErrnoNamed = 200;  // above all that have a name
// Without them a thread could not end, or would go on from a place where it never was.
constexpr std::array<std::string_view, 5> kUntouchable{"exit", "exit_group", "rt_sigreturn", "restart_syscall",
                                                       "sigreturn"};

bool chosen(const SyscallControl& control, std::uint64_t number) {
  return number < kSyscallNumbers && (control.calls[number / 64] >> (number % 64) & 1U) != 0;
}

}  // namespace

Result<int> syscall_number(const std::string& name) {
  if (std::find(kUntouchable.begin(), kUntouchable.end(), name) != kUntouchable.end())
    return failure("the system call '" + name + "' cannot be disturbed", EINVAL);
  const int number = ::seccomp_syscall_resolve_name(name.c_str());
  if (number < 0 || number >= static_cast<int>(kSyscallNumbers))
    return failure("there is no system call '" + name + "' here", EINVAL);
  return number;
}

Result<int> error_number(const std::string& name) {
  for (int number = 1; number < kErrnoNamed; ++number) {
    const char* known = ::strerrorname_np(number);
    if (known != nullptr && name == known) return number;
  }
  return failure("there is no error '" + name + "'", EINVAL);
}

Status check_syscall_rule(const SyscallRule& rule) {
  if (rule.calls.empty()) return failure("no system call is chosen", EINVAL);
  for (const int call : rule.calls)
    if (call < 0 || call >= static_cast<int>(kSyscallNumbers))
      return failure("a system call's number is 0 to 511", EINVAL);
  if (!(rule.share > 0 && rule.share <= 1)) return failure("the share of calls is above 0 and at most 1", EINVAL);
  if (rule.error < 0 || rule.error > kErrnoMax) return failure("an error is an errno, 1 to 4095", EINVAL);
  if (rule.delay < 0ns || rule.delay > 60s) return failure("the delay of a call is at most 60s", EINVAL);
  if (rule.error == 0 && rule.delay == 0ns) return failure("the rule does nothing", EINVAL);
  return {};
}

void write_rule(SyscallControl& control, const SyscallRule& rule) {
  control.fault.share_per_2_32 = static_cast<std::uint64_t>(std::llround(std::ldexp(rule.share, 32)));
  control.fault.seed = rule.seed;
  for (const int call : rule.calls) {
    const auto number = static_cast<std::size_t>(call);
    control.calls[number / 64] |= std::uint64_t{1} << (number % 64);
  }
  control.error = rule.error;
  control.delay_ns = rule.delay.count();
}

SyscallVerdict judge(SyscallControl& control, std::uint64_t number, std::int64_t now_ns) {
  if (!chosen(control, number) || !acts(control.fault, now_ns) || !draw(control.fault).hit) return {};
  return {.error = control.error, .delay_ns = control.delay_ns};
}

}  // namespace fracas::agent
