#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "agent/disk/disk_rule.h"
#include "agent/fault_kind.h"

// What the kinds disk.* have in common. At the window's start the service is killed, a disk server (agent/disk) is
// mounted over its folder, and it is started again; at the end it is killed, the folder unmounted, and it is started
// again from what is on the disk then. A frozen service is thawed first where its agent is dead.
namespace fracas::agent {

// The folder of a fault: `path` as it is, or below the service's working folder. ERRORS: EINVAL none is known.
Result<std::filesystem::path> disk_folder(const std::string& path, const ServiceSite& site);

// The same, where a fault may begin. ERRORS: ENOENT there is no such folder; EBUSY a disk server's mount is on it.
Result<std::filesystem::path> free_disk_folder(const std::string& path, const ServiceSite& site);

// ERRORS: EINVAL a bad rule, or not exactly one service in scope.
Status check_disk_fault(std::string_view kind, const DiskRule& rule, const model::Injection& injection);

// Mechanism: "fuse". ERRORS: EBUSY another disk fault holds the folder; ENOENT there is no such folder.
Result<std::unique_ptr<Effect>> prepare_disk_fault(const DiskRule& rule, const std::string& path,
                                                   const Preparation& preparation);
Status undo_disk_fault(const LedgerRecord& record, KilledServices killed);
FaultSupport probe_disk_fault();

// The fields that every disk fault has, as they stand in its message. REQUIRES: the message has them.
template <typename Message>
DiskRule disk_rule_in(const Message& fault, std::uint64_t seed) {
  DiskRule rule;
  rule.files = fault.files();
  rule.seed = seed;
  return rule;
}

// What a kind with `calls` picks: model::DiskCall has the order of DiskOperation.
template <typename Calls>
std::vector<DiskOperation> operations_in(const Calls& calls) {
  std::vector<DiskOperation> operations;
  for (const auto call : calls) operations.push_back(static_cast<DiskOperation>(call));
  return operations;
}

}  // namespace fracas::agent
