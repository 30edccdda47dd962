#include "agent/faults/disk_error.h"

#include <cerrno>

#include "agent/faults/disk_fault.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "disk.error";

int errno_of(model::DiskError::Errno error) {
  switch (error) {
    case model::DiskError::ERRNO_ENOSPC:
      return ENOSPC;
    case model::DiskError::ERRNO_EROFS:
      return EROFS;
    case model::DiskError::ERRNO_EACCES:
      return EACCES;
    default:
      return EIO;
  }
}

DiskRule rule_of(const model::Injection& injection) {
  const model::DiskError& fault = injection.disk_error();
  DiskRule rule = disk_rule_in(fault, injection.scope().seed());
  rule.operations = operations_in(fault.calls());
  rule.share = fault.share();
  rule.error = errno_of(fault.error());
  return rule;
}

Status check(const model::Injection& injection) {
  return check_disk_fault(kName, rule_of(injection), injection);
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  return prepare_disk_fault(rule_of(preparation.injection), preparation.injection.disk_error().path(), preparation);
}

}  // namespace

constexpr FaultKind kDiskError{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_disk_fault, .probe = probe_disk_fault};

}  // namespace fracas::agent
