#pragma once
#include <memory>
#include <string_view>

#include "agent/fault_kind.h"
#include "agent/syscalls/syscall_rule.h"

// What the kinds syscall.* have in common: a tracer (agent/syscalls/syscall_trace.h) that acts inside the window.
namespace fracas::agent {

// The rule of a message's calls, share and seed. ERRORS: EINVAL a call that cannot be disturbed.
template <typename Message>
Result<SyscallRule> syscall_rule_in(const Message& fault, std::uint64_t seed) {
  SyscallRule rule;
  rule.share = fault.share();
  rule.seed = seed;
  for (const std::string& name : fault.calls()) {
    auto number = syscall_number(name);
    if (!number) return failure(std::move(number).error());
    rule.calls.push_back(*number);
  }
  return rule;
}

// ERRORS: EINVAL what is wrong with it.
Status check_syscall_fault(std::string_view kind, const Result<SyscallRule>& rule, const model::Injection& injection);
// Mechanism: "ptrace". ERRORS: EBUSY a victim is traced already; EOPNOTSUPP it has no cgroup, or a seccomp filter.
Result<std::unique_ptr<Effect>> prepare_syscall_fault(const SyscallRule& rule, const Preparation& preparation);
// Ends the tracer that the record names.
Status undo_syscall_fault(const LedgerRecord& record, KilledServices killed);
FaultSupport probe_syscall_fault();

}  // namespace fracas::agent
