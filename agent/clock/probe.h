#pragma once
#include <string>

#include "lib/base/result.h"

namespace fracas::agent::clock {

struct ClockSupport {
  bool fast = false;       // reads stay at vDSO speed
  bool witnessed = false;  // shifted reads can be seen
};

// Patches a child made for the purpose, sees its clock shifted and right again. Takes some 10 ms.
// ERRORS: the step that does not work here.
Result<ClockSupport> probe_clock();

}  // namespace fracas::agent::clock
