#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lib/base/quantity.h"

namespace fracas::controller {

// What all tasks of a divided hunt have in common.
struct HuntTask {
  std::uint64_t first_seed = 1;
  std::uint64_t universes = 1000;  // of all tasks together
  unsigned shares = 1;
  unsigned jobs = 1;  // threads of one task
  unsigned violations_max = 1;
  std::optional<Duration> time_max{};  // of one task
  bool guided = true;
  bool shrink = false;
};

// The arguments of `fracas` that make it one such task: it hunts in `experiment`, in the share that `share` names (a
// number, or what the engine replaces by one), and writes findings_to_json() to `record`.
std::vector<std::string> task_words(const HuntTask& task, const std::string& experiment, const std::string& share,
                                    const std::string& record);

}  // namespace fracas::controller
