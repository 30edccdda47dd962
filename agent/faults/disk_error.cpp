#include "agent/faults/disk_error.h"

#include <cerrno>
#include <string>
#include <utility>

#include "agent/disk/file_gate.h"
#include "agent/faults/disk_fault.h"
#include "agent/faults/guarded_effect.h"
#include "lib/base/log.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "disk.error";
// Of a record whose fault ends in the kernel by itself.
constexpr auto kGateNote = "bpf-lsm";

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

// The gate in the kernel, for a rule that it serves in full, on a host where it works.
Result<std::unique_ptr<KeptEffect>> make_gate(const DiskRule& rule, const std::string& path,
                                              const ServiceSite& victim) {
  if (auto serves = check_file_gate(rule); !serves) return failure(std::move(serves).error());
  if (victim.cgroup.empty()) return failure("it needs a cgroup2 file system, and none is mounted", ENOTSUP);
  const auto folder = free_disk_folder(path, victim);
  if (!folder) return failure(folder.error());
  return make_file_gate(rule, *folder, victim.cgroup);
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const DiskRule rule = rule_of(preparation.injection);
  const std::string& path = preparation.injection.disk_error().path();
  auto gate = make_gate(rule, path, preparation.victims.front());
  if (!gate) {
    log::info("{} goes through FUSE: {}", kName, gate.error().message);
    return prepare_disk_fault(rule, path, preparation);
  }
  if (auto noted = preparation.record.note(kGateNote); !noted) return failure(std::move(noted).error());
  return guard_effect(std::move(*gate), kName, preparation.net);
}

// The gate's programs end with their window, and go with the last descriptor.
Status undo(const LedgerRecord& record, KilledServices killed) {
  return record.note == kGateNote ? Status() : undo_disk_fault(record, killed);
}

bool goes_through_fuse(const LedgerRecord& record) {
  return record.note != kGateNote;
}

FaultSupport probe() {
  FaultSupport fuse = probe_disk_fault();
  if (!probe_file_gate()) return fuse;
  if (!fuse.available) return {.missing = "for fsync and patterns of files: " + fuse.missing};
  return {.available = true,
          .mechanism = "bpf-lsm, fuse with fsync or files",
          .accuracy = "every call, on open files too, without a restart; with fuse the service is restarted"};
}

}  // namespace

constexpr FaultKind kDiskError{.name = kName,
                               .ends_by_itself = true,
                               .check = check,
                               .prepare = prepare,
                               .undo = undo,
                               .probe = probe,
                               .needs_guardian = goes_through_fuse};

}  // namespace fracas::agent
