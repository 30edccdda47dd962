#pragma once
#include <vector>

#include "controller/workload/active_keys.h"
#include "controller/workload/generator.h"
#include "lib/base/random.h"

namespace fracas::controller {

// Transactions of reads and of appends to lists, or of writes to registers, as Elle's generators draw them.
class Transactions final : public Generator {
 public:
  Transactions(const GeneratorOptions& options, std::uint64_t seed);

  Call next() override;
  // One transaction that reads each key in use.
  std::vector<Call> final_calls() const override;

 private:
  GeneratorOptions options_;
  RandomStream random_;
  ActiveKeys keys_;
};

// Transfers between the accounts of a bank, and reads of all of them. Amounts are 1 to 5.
class Transfers final : public Generator {
 public:
  Transfers(const GeneratorOptions& options, std::uint64_t seed);

  Call next() override;
  std::vector<Call> final_calls() const override;

 private:
  GeneratorOptions options_;
  RandomStream random_;
};

}  // namespace fracas::controller
