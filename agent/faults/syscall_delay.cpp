#include "agent/faults/syscall_delay.h"

#include "agent/faults/syscall_fault.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "syscall.delay";

Result<SyscallRule> rule_of(const model::Injection& injection) {
  const model::SyscallDelay& fault = injection.syscall_delay();
  auto rule = syscall_rule_in(fault, injection.scope().seed());
  if (!rule) return rule;
  rule->delay = model::from_proto(fault.delay());
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

constexpr FaultKind kSyscallDelay{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_syscall_fault, .probe = probe_syscall_fault};

}  // namespace fracas::agent
