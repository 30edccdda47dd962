#pragma once
#include <optional>
#include <string>

#include "lib/base/result.h"

namespace fracas::model {
class Tolerance;
}

namespace fracas::controller {

// Whether an answer is as it must be, and why.
struct Judged {
  bool passed = false;
  std::optional<double> value{};  // where a range was asked for and the answer is a number
  std::string says{};             // "\"true\"", "\"green\" does not match ^ok", "no /health in the answer"
};

// Pure. REQUIRES: check_tolerance.
Judged judge(const model::Tolerance& tolerance, const std::string& answer);

// Whether it asks for anything of an answer.
bool asks(const model::Tolerance& tolerance);

// ERRORS: `matches` is no regular expression, `min` is above `max`.
Status check_tolerance(const model::Tolerance& tolerance);

}  // namespace fracas::controller
