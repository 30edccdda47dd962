#pragma once
#include <cstdint>
#include <string>

#include "lib/base/result.h"

// Faults whose number changes in steps.
namespace fracas::model {

class FaultSpec;

// Sets the key that a fault's ramp names to its value at a step, counted from 0, and returns it as it is written:
// "delay = 12ms". ERRORS: the fault's kind has no such key, or one that no ramp can change; `from` or `to` is no value
// of it. REQUIRES: the fault has a ramp, and step is below its steps.
Result<std::string> apply_ramp_step(FaultSpec& fault, std::uint32_t step);

// Whether a fault of that kind can come and go: not what happens at one moment.
bool can_pulse(const FaultSpec& fault);

}  // namespace fracas::model
