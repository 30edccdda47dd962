#include "agent/faults/disk_throttle.h"

#include "agent/faults/disk_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "disk.throttle";

DiskRule rule_of(const model::Injection& injection) {
  const model::DiskThrottle& fault = injection.disk_throttle();
  DiskRule rule = disk_rule_in(fault, injection.scope().seed());
  rule.operations = operations_in(fault.calls());
  rule.bytes_per_second = fault.rate();
  rule.calls_per_second = fault.call_rate();
  return rule;
}

Status check(const model::Injection& injection) {
  return check_disk_fault(kName, rule_of(injection), injection);
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  return prepare_disk_fault(rule_of(preparation.injection), preparation.injection.disk_throttle().path(), preparation);
}

}  // namespace

constexpr FaultKind kDiskThrottle{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_disk_fault, .probe = probe_disk_fault};

}  // namespace fracas::agent
