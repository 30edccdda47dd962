#include "agent/faults/disk_corrupt.h"

#include "agent/faults/disk_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "disk.corrupt";

DiskRule rule_of(const model::Injection& injection) {
  const model::DiskCorrupt& fault = injection.disk_corrupt();
  DiskRule rule = disk_rule_in(fault, injection.scope().seed());
  rule.share = fault.share();
  rule.corrupt = true;
  rule.stuck = fault.stuck();
  return rule;
}

Status check(const model::Injection& injection) {
  return check_disk_fault(kName, rule_of(injection), injection);
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  return prepare_disk_fault(rule_of(preparation.injection), preparation.injection.disk_corrupt().path(), preparation);
}

}  // namespace

constexpr FaultKind kDiskCorrupt{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_disk_fault, .probe = probe_disk_fault};

}  // namespace fracas::agent
