#include "controller/run/call_options.h"

#include "lib/model/experiment.pb.h"

namespace fracas::controller {

GeneratorOptions generator_options(const model::Workload& workload) {
  GeneratorOptions options;
  using Kind = model::Workload;
  switch (workload.kind_case()) {
    case Kind::kRegister:
      options.deletes = workload.register_().deletes();
      break;
    case Kind::KIND_NOT_SET:
      break;
    case Kind::kCasRegister:
      options.kind = WorkloadKind::cas_register;
      options.values = workload.cas_register().values();
      break;
    case Kind::kAppend:
      options.kind = WorkloadKind::append;
      break;
    case Kind::kSet:
      options.kind = WorkloadKind::set;
      break;
    case Kind::kCounter:
      options.kind = WorkloadKind::counter;
      options.decrements = workload.counter().decrements();
      break;
    case Kind::kLock:
      options.kind = WorkloadKind::lock;
      break;
    case Kind::kQueue:
      options.kind = WorkloadKind::queue;
      break;
    case Kind::kUniqueIds:
      options.kind = WorkloadKind::unique_ids;
      break;
    case Kind::kEcho:
      options.kind = WorkloadKind::echo;
      break;
    case Kind::kLog:
      options.kind = WorkloadKind::log;
      break;
    case Kind::kTxnAppend:
      options.kind = WorkloadKind::txn_append;
      options.txn_length_max = workload.txn_append().length_max();
      break;
    case Kind::kTxnRegister:
      options.kind = WorkloadKind::txn_register;
      options.txn_length_max = workload.txn_register().length_max();
      break;
    case Kind::kBank:
      options.kind = WorkloadKind::bank;
      options.balance = workload.bank().balance();
      break;
  }
  options.keys = workload.keys();
  options.ops_per_key_max = workload.ops_per_key_max();
  options.reads = workload.reads();
  return options;
}

std::vector<std::vector<std::string>> near_groups(const model::Workload& workload) {
  std::vector<std::vector<std::string>> groups;
  for (const model::HostGroup& group : workload.near()) groups.emplace_back(group.hosts().begin(), group.hosts().end());
  return groups;
}

}  // namespace fracas::controller
