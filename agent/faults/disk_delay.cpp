#include "agent/faults/disk_delay.h"

#include "agent/faults/disk_fault.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "disk.delay";

DiskRule rule_of(const model::Injection& injection) {
  const model::DiskDelay& fault = injection.disk_delay();
  DiskRule rule = disk_rule_in(fault, injection.scope().seed());
  rule.operations = operations_in(fault.calls());
  rule.share = fault.share();
  rule.delay = model::from_proto(fault.delay());
  return rule;
}

Status check(const model::Injection& injection) {
  return check_disk_fault(kName, rule_of(injection), injection);
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  return prepare_disk_fault(rule_of(preparation.injection), preparation.injection.disk_delay().path(), preparation);
}

}  // namespace

constexpr FaultKind kDiskDelay{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_disk_fault, .probe = probe_disk_fault};

}  // namespace fracas::agent
