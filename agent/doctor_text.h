#pragma once
#include <string>
#include <vector>

#include "agent/fault_support.h"

// What the doctor found, for people and for programs. Pure.
namespace fracas::agent {

// A table with a line for each fault (its mechanism and accuracy, or what is missing), and a last line that counts.
std::string doctor_table(const std::vector<FaultSupport>& faults);

// {"faults": [{"kind", "available", "mechanism", "accuracy", "missing"}, …]}, with a newline at the end.
std::string doctor_json(const std::vector<FaultSupport>& faults);

}  // namespace fracas::agent
