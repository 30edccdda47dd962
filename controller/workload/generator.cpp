#include "controller/workload/generator.h"

#include "controller/workload/keyed_calls.h"
#include "controller/workload/transactions.h"
#include "lib/base/ensure.h"

namespace fracas::controller {

std::unique_ptr<Generator> make_generator(const GeneratorOptions& options, std::uint64_t seed) {
  ensure(options.keys > 0 && options.values > 1 && options.txn_length_max > 0, "a workload has a key and two values");
  switch (options.kind) {
    case WorkloadKind::txn_append:
    case WorkloadKind::txn_register:
      return std::make_unique<Transactions>(options, seed);
    case WorkloadKind::bank:
      return std::make_unique<Transfers>(options, seed);
    default:
      return std::make_unique<KeyedCalls>(options, seed);
  }
}

}  // namespace fracas::controller
