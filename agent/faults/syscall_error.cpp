#include "agent/faults/syscall_error.h"

#include "agent/faults/syscall_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "syscall.error";

Result<SyscallRule> rule_of(const model::Injection& injection) {
  const model::SyscallError& fault = injection.syscall_error();
  auto rule = syscall_rule_in(fault, injection.scope().seed());
  if (!rule) return rule;
  auto error = error_number(fault.error());
  if (!error) return failure(std::move(error).error());
  rule->error = *error;
  return rule;
}

Status check(const model::Injection& injection) {
  return check_syscall_fault(kName, rule_of(injection), injection);
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  auto rule = rule_of(preparation.injection);
  if (!rule) return failure(std::move(rule).error());
  return prepare_syscall_fault(*rule, preparation);
}

}  // namespace

constexpr FaultKind kSyscallError{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_syscall_fault, .probe = probe_syscall_fault};

}  // namespace fracas::agent
