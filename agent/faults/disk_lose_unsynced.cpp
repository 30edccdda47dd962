#include "agent/faults/disk_lose_unsynced.h"

#include "agent/faults/disk_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "disk.lose-unsynced";

DiskRule rule_of(const model::Injection& injection) {
  DiskRule rule = disk_rule_in(injection.disk_lose_unsynced(), injection.scope().seed());
  rule.lose_unsynced = true;
  rule.torn = injection.disk_lose_unsynced().torn();
  return rule;
}

Status check(const model::Injection& injection) {
  return check_disk_fault(kName, rule_of(injection), injection);
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  return prepare_disk_fault(rule_of(preparation.injection), preparation.injection.disk_lose_unsynced().path(),
                            preparation);
}

}  // namespace

constexpr FaultKind kDiskLoseUnsynced{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_disk_fault, .probe = probe_disk_fault};

}  // namespace fracas::agent
