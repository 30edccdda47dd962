#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/random.h"
#include "lib/model/history.h"

namespace fracas::controller {

enum class WorkloadKind { register_, cas_register, append };

struct GeneratorOptions {
  WorkloadKind kind = WorkloadKind::register_;
  std::uint32_t keys = 10;              // keys in use at a time, >= 1
  std::uint32_t ops_per_key_max = 200;  // after so many operations a fresh key takes a key's place
  double reads = 0.5;                   // share of reads, in [0, 1]
  std::uint32_t values = 5;             // cas-register only: how many different values, >= 2
};

// What one client is to do.
struct Call {
  model::Function function = model::Function::read;
  std::string key;
  model::Value value;  // nothing for reads, a number for writes and appends, (expected, new) for cas
};

// The stream of calls of a workload: pure, the same seed gives the same calls. Written and appended numbers of register
// and append are never repeated on a key, which makes their histories cheap to check.
class Generator {
 public:
  Generator(const GeneratorOptions& options, std::uint64_t seed);

  Call next();
  // A read of each key in use, for the end of a run.
  std::vector<Call> final_reads() const;
  // How many keys were retired because they had had their share of operations.
  std::uint32_t keys_retired() const { return next_key_ - static_cast<std::uint32_t>(slots_.size()); }

 private:
  struct Slot {
    std::string key;
    std::uint32_t operations = 0;
    std::int64_t last_value = 0;
  };
  Slot fresh_slot();

  GeneratorOptions options_;
  RandomStream random_;
  std::uint32_t next_key_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace fracas::controller
