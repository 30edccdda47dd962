#pragma once
#include <map>
#include <string>
#include <vector>

#include "controller/gate/measured.h"
#include "lib/base/result.h"

namespace fracas::controller {

// What a release was like, to hold the next one against: the numbers of every run, of both arms.
struct Arms {
  std::vector<Measured> faults;   // the experiment as it is
  std::vector<Measured> control;  // the same without faults
};
using Baseline = std::map<std::string, Arms>;  // by the experiment's name

// As JSON, for a file that is kept beside the sources: format "fracas-gate-baseline", version 1.
std::string to_json(const Baseline& baseline);
// ERRORS: what is wrong with it.
Result<Baseline> parse_baseline(std::string_view text);

}  // namespace fracas::controller
