#include "controller/run/call_options.h"

#include "lib/model/experiment.pb.h"

namespace fracas::controller {

GeneratorOptions generator_options(const model::Workload& workload) {
  GeneratorOptions options;
  switch (workload.kind_case()) {
    case model::Workload::kCasRegister:
      options.kind = WorkloadKind::cas_register;
      options.values = workload.cas_register().values();
      break;
    case model::Workload::kAppend:
      options.kind = WorkloadKind::append;
      break;
    default:
      options.kind = WorkloadKind::register_;
  }
  options.keys = workload.keys();
  options.ops_per_key_max = workload.ops_per_key_max();
  options.reads = workload.reads();
  return options;
}

}  // namespace fracas::controller
