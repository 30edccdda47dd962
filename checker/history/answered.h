#pragma once
#include "lib/model/history.h"

namespace fracas::checker {

// Whether a completion brought its client an answer: an ok, or a compare-and-set that saw another value than the one it
// expected. The same of a whole operation is in checker/invariants/availability.h.
bool answered(const model::Event& completion);
// The second of these alone.
bool answered_mismatch(const model::Event& completion);

}  // namespace fracas::checker
