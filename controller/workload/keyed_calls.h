#pragma once
#include <vector>

#include "controller/workload/active_keys.h"
#include "controller/workload/generator.h"
#include "lib/base/random.h"

namespace fracas::controller {

// Operations on one key each: registers, lists, sets, counters, queues and logs; and unique ids and echoes, which need
// none.
class KeyedCalls final : public Generator {
 public:
  KeyedCalls(const GeneratorOptions& options, std::uint64_t seed);

  Call next() override;
  std::vector<Call> final_calls() const override;

 private:
  Call change(std::string key, std::int64_t& last_value);
  Call change_cas_register(std::string key);
  Call poll(std::string key, std::int64_t last_value);

  GeneratorOptions options_;
  RandomStream random_;
  ActiveKeys keys_;
  std::int64_t echoed_ = 0;
};

}  // namespace fracas::controller
